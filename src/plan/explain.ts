/**
 * Plans as text: the logical plan as written, the optimized plan with what each rule changed, and the stages with their programs.
 * Invariant: the text is a function of the plan alone, so golden tests can hold it.
 */
import { expressionText, joinText, namedText } from './expression-text.js'
import { checkedTime } from './lateness.js'
import type { Output, PlanNode } from './node.js'
import { nodeText, schemaText, specText } from './node-text.js'
import { optimize, type RuleTrace } from './optimizer.js'
import { inputsOf } from './rewrite.js'
import type { Branch, PhysicalOutput, PhysicalPlan, Shuffle, Stage, StageInput, Step, Terminal } from './stage.js'
import { cutStages } from './stage-cutter.js'

/** The vector programs of a stage as text. */
export type DescribePrograms = (stage: Stage) => string

/** Everything there is to say about the plan of these outputs. */
export function explainOutputs(outputs: readonly Output[], describePrograms: DescribePrograms | null): string {
  const optimized = optimize(outputs)
  const sections = [
    section('Logical plan', logicalLines(outputs)),
    section('Optimized plan', [...traceLines(optimized.trace), ...logicalLines(optimized.outputs)]),
    section('Stages', stageLines(cutStages(optimized.outputs), describePrograms)),
  ]
  return `${sections.join('\n\n')}\n`
}

function section(title: string, lines: readonly string[]): string {
  return [title, ...lines.map(line => `  ${line}`)].join('\n')
}

const indented = (lines: readonly string[]): string[] => lines.map(line => `  ${line}`)

// ── logical plan ──

/** The DAG as a tree, roots first; a node that stands below several others is numbered and shown once. */
function logicalLines(outputs: readonly Output[]): string[] {
  const counts = new Map<PlanNode, number>()
  const visit = (node: PlanNode): void => {
    counts.set(node, (counts.get(node) ?? 0) + 1)
    if (counts.get(node) === 1) inputsOf(node).forEach(visit)
  }
  outputs.forEach(output => visit(output.node))
  const numbers = new Map<PlanNode, number>()
  const linesOf = (node: PlanNode): string[] => {
    const known = numbers.get(node)
    if (known !== undefined) return [`see #${known}`]
    const isShared = counts.get(node)! > 1
    if (isShared) numbers.set(node, numbers.size + 1)
    const mark = isShared ? `#${numbers.get(node)} ` : ''
    return [`${mark}${nodeText(node)}`, ...indented(inputsOf(node).flatMap(linesOf))]
  }
  return outputs.flatMap(({ name, mode, node }) => [`output ${name}${mode ? `, mode ${mode}` : ''}`, ...indented(linesOf(node))])
}

function traceLines(trace: readonly RuleTrace[]): string[] {
  if (trace.length === 0) return ['(no rule applies)']
  return trace.flatMap(({ rule, changes }) => changes.map(change => `rule ${rule}: ${change}`))
}

// ── stages ──

function stageLines(plan: PhysicalPlan, describePrograms: DescribePrograms | null): string[] {
  const stages = plan.stages.flatMap(stage => [
    `stage ${stage.stageId}: ${inputText(stage.input, plan)}`,
    ...indented(stage.branches.flatMap((branch, i) => branchLines(branch, i, plan))),
    ...(describePrograms ? indented(['program', ...indented(describePrograms(stage).trimEnd().split('\n'))]) : []),
  ])
  return [...stages, ...plan.outputs.map(outputText)]
}

function outputText({ outputId, name, mode, modeReason, schema }: PhysicalOutput): string {
  return `output ${outputId} ${name}: mode ${mode} (${modeReason}); ${schemaText(schema)}`
}

function inputText(input: StageInput, plan: PhysicalPlan): string {
  switch (input.kind) {
    case 'source': {
      const name = plan.sources.find(source => source.sourceId === input.sourceId)?.name ?? ''
      const read = input.columnsRead.map(index => input.schema[index]!.name).join(', ') || 'no column'
      return `source ${name} as ${input.format}, reads ${read}`
    }
    case 'aggregate': {
      const into = input.aggregate.scope === 'stream' ? ' into state' : ''
      return `merges ${shuffleText(input.shuffleId, plan)}${into}, mode ${input.mode}: ${specText(input.aggregate)}`
    }
    case 'gather': return `gathers ${shuffleText(input.shuffleId, plan)}, at most ${input.limit} rows`
  }
}

function shuffleText(shuffleId: number, { shuffles }: PhysicalPlan): string {
  const shuffle: Shuffle = shuffles[shuffleId]!
  return `shuffle ${shuffleId} (from stage ${shuffle.parents.join(' and ')})`
}

function branchLines({ steps, terminal }: Branch, index: number, plan: PhysicalPlan): string[] {
  return [`branch ${index} to ${terminalText(terminal, plan)}`, ...indented(steps.map(stepText))]
}

function terminalText(terminal: Terminal, plan: PhysicalPlan): string {
  switch (terminal.kind) {
    case 'result': {
      const output = plan.outputs.find(({ outputId }) => outputId === terminal.outputId)
      return `output ${terminal.outputId} ${output?.name ?? ''}`
    }
    case 'aggregate': return `shuffle ${terminal.shuffleId}, partial groups by key`
    case 'gather': return `shuffle ${terminal.shuffleId}, gathered`
  }
}

function stepText(step: Step): string {
  switch (step.kind) {
    case 'project': return `project ${step.columns.map(namedText).join(', ')}`
    case 'filter': {
      const reason = step.reason === null || step.reason === 'filtered' ? '' : `, else counted as ${step.reason}`
      const time = checkedTime(step.predicate)
      return `filter ${time ? `${expressionText(time)} is a time` : expressionText(step.predicate)}${reason}`
    }
    case 'sample': return `sample ${step.fraction}, seed ${step.seed}`
    case 'limit': return `limit ${step.rows} per task`
    case 'join': return joinText(step.join)
    case 'watermark': return `report largest ${expressionText(step.time)} for watermark ${step.watermarkId}`
  }
}
