/**
 * `explain`: the whole text for plans that show every kind of node, stage and step. `UPDATE_GOLDEN=1` blesses a new text.
 */
import { describe, it } from 'vitest'
import { explainOutputs } from '../../src/plan/explain.js'
import { avg, count, maxBy, stddev, sum } from '../../src/stream/aggregates.js'
import { lit } from '../../src/stream/expression-functions.js'
import { sliding, tumbling } from '../../src/stream/windows.js'
import { TestPipeline } from '../stream/build.js'
import { expectGolden } from '../support/golden-file.js'

function windows(): TestPipeline {
  const pipeline = new TestPipeline()
  const perSecond = pipeline.readings()
    .withWatermark('at', '2 s', { idleTimeout: '5 s' })
    .with(r => ({ z: r.value.sub(lit(10).add(10)).div(3) }))
    .filter(r => r.z.abs().gt(3).and(r.sensor.startsWith('a')))
    .groupBy(r => ({ sensor: r.sensor, window: tumbling(r.at, '1 s') }))
    .aggregate(r => ({ n: count().filter(r.ok), mean: avg(r.z), sd: stddev(r.z) }))
  const perMinute = perSecond
    .groupBy(r => ({ minute: sliding(r.window.start, '1 min', '30 s', { offset: '10 s' }) }))
    .aggregate(r => ({ highest: maxBy(r.sensor, r.mean) }))
  pipeline.output('perSecond', perSecond.drop('sd'))
  pipeline.output('late', perSecond.lateRows().select('sensor', 'at'))
  pipeline.output('perMinute', perMinute, 'update')
  return pipeline
}

function narrow(): TestPipeline {
  const pipeline = new TestPipeline()
  const [a, b] = ['a', 'b'].map(name => pipeline.source(name, { x: 'f64', s: 'utf8', big: 'i64' }))
  const both = a!.union(b!.filter(r => r.big.gt(5)))
  pipeline.output('hot', both.filter(r => r.x.gt(1)).filter(() => lit(true)).map(r => ({ y: r.x.mul(2), s: r.s.upper() })))
  pipeline.output('some', both.sample(0.25, { seed: 7 }).limit(10).rename({ x: 'value' }).drop('s'))
  pipeline.output('totals', both.groupBy(r => ({ s: r.s })).aggregate(r => ({ total: sum(r.big) })))
  pipeline.output('counts', a!.countByKey(r => ({ s: r.s })), 'append')
  pipeline.output('all', both.aggregate(r => ({ total: sum(r.x) })), 'complete')
  return pipeline
}

describe('explain', () => {
  it('shows windows, watermarks, late rows and chained aggregations', () => {
    expectGolden(new URL('explain-windows.txt', import.meta.url), explainOutputs(windows().outputs, null))
  })

  it('shows unions, shared stages, limits, samples and modes, with the programs of each stage', () => {
    const text = explainOutputs(
      narrow().outputs, stage => `program of stage ${stage.stageId}\nin ${stage.branches.length} branches\n`
    )
    expectGolden(new URL('explain-narrow.txt', import.meta.url), text)
  })
})
