/**
 * Stands for the inline copy of a kernels file; the build puts the bytes here, as base64. Reached only when the file cannot be
 * loaded.
 */
export const kernelsBase64: string = ''
