// TensorBoard and the browser around the tab: the URL, the colours, whether the tab is
// visible, and downloads.

import type { Theme } from "../base/theme.ts";
import type { State } from "./state.ts";
import { parseHash, updateHash } from "./url.ts";

// The tab is an iframe of the same origin; opened by itself it is its own parent.
const hostWindow: Window = window.parent;

/** Reads the state from the URL. */
export function readState(): State {
  return parseHash(hostWindow.location.hash);
}

/** Writes the state into the URL; another view is a new page of the browser's history. */
export function writeState(state: State): void {
  const { location, history } = hostWindow;
  // Another tab's address is not ours to change.
  if (!isOurs(location.hash)) return;
  const hash = updateHash(location.hash, state);
  if (hash === location.hash) return;
  const address = location.pathname + location.search + hash;
  if (parseHash(location.hash).view === state.view) {
    history.replaceState(history.state, "", address);
  } else history.pushState(history.state, "", address);
}

/** Makes the address at which somebody else sees the same. */
export function linkToHere(state: State): string {
  const { origin, pathname, search, hash } = hostWindow.location;
  return origin + pathname + search + updateHash(hash, state);
}

/**
 * Calls back when the browser goes back or forward, or somebody opens a link to another
 * state in the same window.
 */
export function watchState(onChange: (state: State) => void): () => void {
  const listener = () => {
    if (isOurs(hostWindow.location.hash)) onChange(readState());
  };
  hostWindow.addEventListener("hashchange", listener);
  return () => hostWindow.removeEventListener("hashchange", listener);
}

/** Sets the class `lr-dark` as TensorBoard has its `dark-mode`, and calls back then. */
export function followDarkMode(onChange: () => void): () => void {
  const { body } = hostWindow.document;
  const follow = () => {
    const isDark = body.classList.contains("dark-mode");
    document.documentElement.classList.toggle("lr-dark", isDark);
    onChange();
  };
  const observer = new MutationObserver(follow);
  observer.observe(body, { attributes: true, attributeFilter: ["class"] });
  follow();
  return () => observer.disconnect();
}

/**
 * Tells whether the tab is visible; TensorBoard keeps a hidden one with a height of 0.
 */
export function isVisible(): boolean {
  return document.visibilityState === "visible" && window.innerHeight > 0;
}

/** Calls back when the tab is shown again. */
export function watchVisibility(onShown: () => void): () => void {
  let wasVisible = isVisible();
  const check = () => {
    const now = isVisible();
    if (now && !wasVisible) onShown();
    wasVisible = now;
  };
  window.addEventListener("resize", check);
  document.addEventListener("visibilitychange", check);
  return () => {
    window.removeEventListener("resize", check);
    document.removeEventListener("visibilitychange", check);
  };
}

/** Reads the style sheet's colours, for what is painted on a canvas. */
export function readTheme(): Theme {
  const page = document.documentElement;
  return readColors(page, page.classList.contains("lr-dark"));
}

/** Reads the colours of one mode, whichever the page has. */
export function readThemeOf(side: "light" | "dark"): Theme {
  const probe = document.createElement("div");
  probe.className = `lr-${side}`;
  document.body.append(probe);
  const theme = readColors(probe, side === "dark");
  probe.remove();
  return theme;
}

function readColors(element: HTMLElement, isDark: boolean): Theme {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(`--lr-${name}`).trim();
  return {
    text: color("text"),
    muted: color("muted"),
    grid: color("grid"),
    axis: color("axis"),
    background: color("background"),
    error: color("error"),
    warning: color("warning"),
    isDark,
  };
}

/** Hands a file to the browser's downloads. */
export function saveFile(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads the blob after this turn of the event loop.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function isOurs(hash: string): boolean {
  return hostWindow === window || /^#learning_rate(&|$)/.test(hash);
}
