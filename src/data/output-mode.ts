/**
 * What a result batch holds of a query's result. Known to plans, which choose it, and to sinks, which are told.
 */

/** append: rows that are final, each once. update: rows whose values changed in this batch. complete: the whole result. */
export type OutputMode = 'append' | 'update' | 'complete'
