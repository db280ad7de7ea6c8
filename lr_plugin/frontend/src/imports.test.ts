// Keeps the folders in one direction: what is below knows nothing of what is above it.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";

// Each may import from those before it. No view may import from another one.
const FOLDERS: readonly (readonly string[])[] = [
  ["base"],
  ["data"],
  ["state"],
  ["gestures", "layout"],
  ["chart"],
  ["picture"],
  ["widgets"],
  ["range_tests"],
  ["timeline", "which_rate", "loss_rate", "landscape", "layers", "runs"],
  ["app"],
];
const MAX_MODULES = 20;

/** The paths that each file imports, by its own path below `src`. */
type Imports = ReadonlyMap<string, readonly string[]>;

test("folders import only from those before them", () => {
  assert.deepEqual(forbiddenImports(readImports()), []);
});

test("no module imports itself by way of others", () => {
  assert.deepEqual(importCircles(readImports()), []);
});

test("no folder has more modules than one can survey", () => {
  assert.deepEqual(crowdedFolders(readImports()), []);
});

test("every module is read, with all that it imports", () => {
  const imports = readImports();
  assert.ok(imports.size > 50, `Only ${imports.size} modules were found.`);
  assert.deepEqual(
    imports.get("app/index.tsx")?.filter((path) => !path.endsWith(".css")),
    ["state/catalog.ts", "state/host.ts", "app/app.tsx"],
  );
  // One whose names are on several lines.
  assert.ok(imports.get("app/app.tsx")?.includes("state/host.ts"));
  for (const [file, paths] of imports) {
    for (const path of paths) {
      assert.ok(imports.has(path) || path.endsWith(".css"), `${file}: no ${path}`);
    }
  }
});

test("an import of a later folder or of another view is reported", () => {
  const imports = new Map([
    ["base/format.ts", ["data/records.ts"]],
    ["data/records.ts", []],
    ["layers/layers_view.tsx", ["runs/runs_table.ts", "base/format.ts"]],
    ["runs/runs_table.ts", ["runs/runs_view.tsx"]],
    ["runs/runs_view.tsx", []],
    ["base/format.test.ts", ["app/app.tsx"]],
  ]);
  assert.deepEqual(forbiddenImports(imports), [
    "base/format.ts imports data/records.ts, but base may not import from data.",
    "layers/layers_view.tsx imports runs/runs_table.ts, but layers may not import from runs.",
    "base/format.test.ts imports app/app.tsx, but base may not import from app.",
  ]);
});

test("a module outside of the folders is reported", () => {
  const imports = new Map([
    ["extra/more.ts", ["base/format.ts"]],
    ["app/app.tsx", ["loose.ts"]],
  ]);
  assert.deepEqual(forbiddenImports(imports), [
    "extra/more.ts imports base/format.ts, but extra may not import from base.",
    "app/app.tsx imports loose.ts, but app may not import from src.",
  ]);
});

test("a circle is reported once, from its first module on", () => {
  const imports = new Map([
    ["chart/a.ts", ["chart/b.ts", "chart/d.ts"]],
    ["chart/b.ts", ["chart/c.ts", "chart/d.ts"]],
    ["chart/c.ts", ["chart/b.ts"]],
    ["chart/d.ts", []],
  ]);
  assert.deepEqual(importCircles(imports), ["chart/b.ts > chart/c.ts > chart/b.ts"]);
});

test("a crowded folder is reported, and its tests do not count", () => {
  const modules = Array.from({ length: MAX_MODULES }, (_, i) => `base/module${i}.ts`);
  const files = [...modules, "base/module0.test.ts"];
  const imports = new Map(files.map((file) => [file, []]));
  assert.deepEqual(crowdedFolders(imports), []);
  imports.set("base/one_more.ts", []);
  assert.deepEqual(crowdedFolders(imports), [
    "base has 21 modules; 20 are the most. Look for its second purpose.",
  ]);
});

function forbiddenImports(imports: Imports): string[] {
  const levelOf = (folder: string) =>
    FOLDERS.findIndex((level) => level.includes(folder));
  return [...imports].flatMap(([file, paths]) => {
    const from = folderOf(file);
    return paths
      .filter((path) => !path.endsWith(".css"))
      .filter((path) => {
        const to = folderOf(path);
        const isBefore = levelOf(to) >= 0 && levelOf(to) < levelOf(from);
        return from !== to && !isBefore;
      })
      .map(
        (path) =>
          `${file} imports ${path}, but ${from} may not import from ${folderOf(path)}.`,
      );
  });
}

function importCircles(imports: Imports): string[] {
  const circles: string[] = [];
  const left = new Set<string>();
  const visit = (file: string, trail: readonly string[]) => {
    const at = trail.indexOf(file);
    if (at >= 0) circles.push([...trail.slice(at), file].join(" > "));
    if (at >= 0 || left.has(file)) return;
    for (const path of imports.get(file) ?? []) visit(path, [...trail, file]);
    left.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return circles;
}

function crowdedFolders(imports: Imports): string[] {
  const counts = new Map<string, number>();
  for (const file of imports.keys()) {
    if (file.includes(".test.")) continue;
    counts.set(folderOf(file), (counts.get(folderOf(file)) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > MAX_MODULES)
    .map(
      ([folder, count]) =>
        `${folder} has ${count} modules; ${MAX_MODULES} are the most. ` +
        "Look for its second purpose.",
    );
}

function folderOf(file: string): string {
  return file.includes("/") ? posix.dirname(file) : "src";
}

/** Reads the import lines of every source file. */
function readImports(): Imports {
  const root = new URL(".", import.meta.url);
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith(".d.ts"));
  return new Map(
    files.map((file) => {
      const text = readFileSync(new URL(file, root), "utf8");
      // What is passed on is imported, too.
      const lines = text.matchAll(
        /^(?:import\b[^;"]*|export\b[^;"]*\bfrom )"(\.[^"]+)";/gm,
      );
      const paths = Array.from(lines, ([, path]) => path);
      return [file, paths.map((path) => posix.join(posix.dirname(file), path))];
    }),
  );
}
