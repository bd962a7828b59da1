/**
 * Sources without data, to build pipelines on: what tests of builders and plans need.
 */
import type { TextFormat } from '../../src/data/block.js'
import type { OutputMode } from '../../src/data/output-mode.js'
import type { Schema } from '../../src/data/schema.js'
import type { Output } from '../../src/plan/node.js'
import type { PhysicalPlan } from '../../src/plan/stage.js'
import type { Sink } from '../../src/sink/sink.js'
import type { Source, SourceSchema } from '../../src/source/source.js'
import { Pipeline, planPipeline } from '../../src/stream/pipeline.js'
import { Stream, streamOfSource } from '../../src/stream/stream.js'
import type { Fields, FieldsOfSchema } from '../../src/stream/types.js'

export const READINGS = {
  sensor: 'utf8', at: 'timestamp', value: 'f64', raw: 'i32', big: 'i64', half: 'f32', ok: 'bool',
} as const

/** A source that is never started. */
export function testSource<const S extends SourceSchema>(
  name: string, schema: S, blockFormat: 'columns' | TextFormat = 'columns'
): Source<S> {
  return {
    name,
    schema,
    fields: Object.entries(schema).map(([field, type]) => ({ name: field, type })),
    blockFormat,
    limits: { onBadRecord: 'drop', overflow: 'pause', maxRate: null, queuedRowsMax: 1 },
    start: () => ({ close: () => undefined }),
  }
}

/** A pipeline being built. */
export class TestPipeline {
  readonly pipeline = new Pipeline()

  source<const S extends SourceSchema>(
    name: string, schema: S, format: 'columns' | TextFormat = 'columns'
  ): Stream<FieldsOfSchema<S>> {
    return streamOfSource(this.pipeline, testSource(name, schema, format))
  }

  readings(): Stream<FieldsOfSchema<typeof READINGS>> {
    return this.source('readings', READINGS, 'ndjson')
  }

  output<F extends Fields>(name: string, stream: Stream<F>, mode?: OutputMode): void {
    const sink: Sink<never> = { name, write: () => undefined }
    stream.to(sink, mode ? { mode } : {})
  }

  get outputs(): readonly Output[] {
    return this.pipeline.outputs.map(({ output }) => output)
  }

  plan(): PhysicalPlan {
    return planPipeline(this.pipeline)
  }
}

/** A stream, whatever its columns. */
export interface AnyStream {
  readonly schema: Schema
}

/** The plan node of a stream. */
export function nodeOf(stream: AnyStream): Output['node'] {
  return Stream.nodeOf(stream as Stream<Fields>)
}
