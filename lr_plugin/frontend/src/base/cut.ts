// The mark that stands for what is left out of a text.

export const CUT = "…";
