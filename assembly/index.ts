// The ABI: what the host may call. Each name is written once in its own file and described there.
export { internText, rehashText, internDictionary, remapCodes } from './text-table'
export { hashBytes } from './hash'
export { runProgram } from './program'
export { rehashGroups, partitionGroups, keepGroups } from './group-table'
export { readGroups, finishVariance, translateGroupText, translateCodes } from './group-columns'
export { runGroupProgram } from './aggregate'
export { parseDecimal, parseInteger64 } from './number'
export { parseTimestamp, formatTimestamp } from './timestamp-text'
