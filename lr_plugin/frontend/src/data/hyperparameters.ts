// What was set for a run: the hyperparameters that a program told, its optimizer and its
// schedule.

import { compareNames } from "../base/name_order.ts";
import { visible } from "../base/names.ts";
import { own } from "../base/own.ts";
import type { RunSummary } from "./records.ts";
import { nameSchedule } from "./schedule_name.ts";

const OPTIMIZER = "optimizer";
const SCHEDULE = "schedule";

export type Setting = number | string | null;

/** Finds the value of a hyperparameter; null for a run that does not have it. */
export function hyperparameterOf(run: RunSummary, name: string): Setting {
  const found = own(run.extra.hparams ?? {}, name) ?? null;
  if (found === null) return null;
  if (typeof found === "number") return found;
  return typeof found === "object" ? JSON.stringify(found) : String(found);
}

/** Finds a setting: a hyperparameter, or what the run's record says of the same. */
export function settingOf(run: RunSummary, name: string): Setting {
  const found = hyperparameterOf(run, name);
  if (name === OPTIMIZER) {
    // A program may call "adam" what the class is named Adam.
    const recorded = run.optimizer.class_name ?? null;
    const isSame = String(found).toLowerCase() === recorded?.toLowerCase();
    return found === null || isSame ? recorded : found;
  }
  if (found !== null) return found;
  return name === SCHEDULE ? nameSchedule(run.schedule) : null;
}

/** Lists the hyperparameters in which the runs differ; all of them for a single run. */
export function differingHyperparameters(runs: readonly RunSummary[]): string[] {
  const names = new Set(runs.flatMap(({ extra }) => Object.keys(extra.hparams ?? {})));
  const having = runs.filter(({ extra }) => extra.hparams);
  const shown = [...names].filter(
    (name) => having.length < 2 || areDifferent(having, (run) => hyperparameterOf(run, name)),
  );
  return shown.sort((a, b) =>
    compareNames(titleOfHyperparameter(a), titleOfHyperparameter(b)),
  );
}

/** Lists the settings in which those runs differ that have them. */
export function differingSettings(runs: readonly RunSummary[]): string[] {
  const valuesOf = (name: string) =>
    runs.map((run) => settingOf(run, name)).filter((value) => value !== null);
  const told = differingHyperparameters(runs).filter(
    (name) => new Set(valuesOf(name)).size > 1,
  );
  const titles = new Set(told.map(titleOfHyperparameter));
  const recorded = [OPTIMIZER, SCHEDULE].filter(
    (name) => !titles.has(name) && areDifferent(runs, (run) => settingOf(run, name)),
  );
  return [...recorded, ...told];
}

/** Names a hyperparameter as people do; it may be called as flags are: --units. */
export function titleOfHyperparameter(name: string): string {
  return visible(name.replace(/^-+/, ""));
}

function areDifferent(
  runs: readonly RunSummary[],
  valueOf: (run: RunSummary) => Setting,
): boolean {
  return new Set(runs.map(valueOf)).size > 1;
}
