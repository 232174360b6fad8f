/** Points of a space: numbers of points stay far below 2^31, and a table of them still fits on a disk. */
export const mostPoints = 100_000_000;

/** Values of all axes together: they are kept in memory, by every worker. */
export const mostValues = 1_000_000;

export const mostAxes = 100;

/** Conditions, derived values, sizes and parameters, of each. */
export const mostItems = 100;

export const mostMetrics = 1000;

/** Characters of a text other than a description; those of an expression have the same limit. */
export const longestText = 500;
