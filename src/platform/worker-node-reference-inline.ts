/** Stands for the inline copy of a worker file; the build puts its source here. Reached only when the file cannot be started. */
export const workerSource: string = ''
