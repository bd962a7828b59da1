/**
 * Whether a module of the kernels can run here and is of this build, found out without the code that kernels run with: the page,
 * which loads them for its workers, has none of it.
 */
import { ABI_VERSION } from '../../assembly/portable/layout.js'
import { MillraceError } from '../base/errors.js'

/**
 * Instantiates the module with imports that do nothing.
 * @param isShared whether it is for memory that is shared.
 * @throws Error when the host refuses it. @throws MillraceError UNSUPPORTED when it is of another build.
 */
export function checkModule(module: WebAssembly.Module, isShared: boolean): void {
  const memory = new WebAssembly.Memory(isShared ? { initial: 1, maximum: 1, shared: true } : { initial: 1 })
  const env: WebAssembly.ModuleImports = { memory }
  for (const { kind, name } of WebAssembly.Module.imports(module)) if (kind === 'function') env[name] = () => 0
  instantiate(module, env)
}

/** The module's exports. @throws MillraceError UNSUPPORTED when it is of another build. */
export function instantiate(module: WebAssembly.Module, env: WebAssembly.ModuleImports): WebAssembly.Exports {
  const { exports } = new WebAssembly.Instance(module, { env })
  const { abiVersion } = exports as { readonly abiVersion?: () => number }
  const version = abiVersion?.()
  if (version === ABI_VERSION) return exports
  throw new MillraceError('UNSUPPORTED',
    `the kernels have ABI version ${version}, this build needs ${ABI_VERSION}: they are of another build`)
}
