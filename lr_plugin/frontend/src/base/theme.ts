// The colours in which everything is drawn; the style sheet has their values.

export interface Theme {
  text: string;
  muted: string;
  grid: string;
  axis: string;
  background: string;
  error: string;
  warning: string;
  isDark: boolean;
}
