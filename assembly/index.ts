// The ABI: what the host may call, here and in decoders.ts and functions.ts, modules that not every plan needs. Each name is
// written once in its own file and described there.
export { abiVersion } from './abi'
export { internText, rehashText, enterCodes } from './text-table'
export { zeroBytes, copyBytes } from './bytes'
export { hashBytes } from './hash'
export { runProgram } from './program'
export { partitionGroups } from './group-table'
export { rehashRows, takeTouched, findRows } from './row-table'
export { packGroups, numberRowText, copyTexts, translateRowText, mergeGroupRows, mergeTable } from './group-rows'
export { readRows, translateCodes } from './group-columns'
export { finishStatistics } from './statistics'
