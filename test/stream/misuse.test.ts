/**
 * Wrong programs, written as plain JavaScript would: each throws where it is written, and the message says what to write instead.
 */
import { describe, expect, it } from 'vitest'
import { MillraceError } from '../../src/base/errors.js'
import { avg, count, max, sum } from '../../src/stream/aggregates.js'
import { coalesce, lit, when } from '../../src/stream/expression-functions.js'
import { sliding, tumbling } from '../../src/stream/windows.js'
import { TestPipeline } from './build.js'

// Untyped on purpose: the compiler refuses these programs, JavaScript callers have only the run time.
const pipeline = new TestPipeline()
const readings: any = pipeline.readings()
const timed = readings.withWatermark('at', '2 s')
const perSecond = timed.groupBy((r: any) => ({
  sensor: r.sensor, window: tumbling(r.at, '1 s'),
})).aggregate(() => ({ n: count() }))
const totals = readings.groupBy((r: any) => ({ sensor: r.sensor })).aggregate(() => ({ n: count() }))

function messageOf(program: () => unknown): string {
  try {
    program()
  } catch (error) {
    expect(error).toBeInstanceOf(MillraceError)
    expect(['INVALID_PIPELINE', 'INVALID_OPTION']).toContain((error as MillraceError).code)
    return (error as MillraceError).message
  }
  throw new Error('nothing was thrown')
}

const WRONG: Record<string, readonly (readonly [name: string, program: () => unknown, message: RegExp])[]> = {
  'an operator of JavaScript': [
    ['>', () => readings.filter((r: any) => r.value > 3), /do not work on value \(f64\).*a > 3 as a\.gt\(3\)/],
    ['+', () => readings.map((r: any) => ({ a: r.value + 1 })), /do not work on value \(f64\).*\+ as add/],
    ['%', () => readings.map((r: any) => ({ a: r.raw % 2 })), /do not work on raw \(i32\)/],
    ['== with a value', () => readings.filter((r: any) => r.value == 3), /do not work on value.*== as eq/],
    ['a template', () => readings.map((r: any) => ({ a: `${r.sensor}!` })), /do not work on sensor \(utf8\).*concat/],
    ['String()', () => readings.map((r: any) => ({ a: String(r.value.add(1)) })), /do not work on value \+ 1/],
    [
      'a comparison of windows', () => perSecond.filter((r: any) => r.window > 3),
      /A window is a pair of timestamps.*r\.window\.start\.gt/,
    ],
    [
      'arithmetic of aggregates', () => readings.aggregate((r: any) => ({ a: (sum(r.value) as any) / (count() as any) })),
      /do not work on sum\(\).*map\(\) that follows/,
    ],
    ['===', () => readings.filter((r: any) => r.value === 3), /returned plain false.*r\.a\.eq\(b\)/],
    ['!', () => readings.filter((r: any) => !r.ok), /returned plain false.*\.not\(\)/],
    [
      '&& of conditions', () => readings.filter((r: any) => r.value.gt(1) && r.raw.lt(9)),
      /makes value > 1 but what it returns does not use it.*a\.and\(b\)/,
    ],
    [
      '?: on a condition', () => readings.map((r: any) => ({ a: r.value.gt(1) ? r.raw : r.half })),
      /makes value > 1.*when\(c, a\)\.otherwise\(b\)/,
    ],
    [
      'if on a column', () => readings.filter((r: any) => { if (r.ok) return r.value.gt(1); return r.value.lt(1) }),
      /makes ok but what it returns does not use it/,
    ],
  ],
  'a column that does not exist': [
    [
      'in a lambda', () => readings.map((r: any) => ({ a: r.vaule })),
      /map: there is no column 'vaule'; there are 'sensor', 'at', 'value', 'raw', 'big', 'half' and 'ok'\./,
    ],
    ['in select', () => readings.select('vaule'), /select: there is no column 'vaule'; there are 'sensor'/],
    ['in drop', () => readings.drop('vaule'), /drop: there is no column 'vaule'/],
    ['in rename', () => readings.rename({ vaule: 'x' }), /rename: there is no column 'vaule'/],
    ['in withWatermark', () => readings.withWatermark('time', '2 s'), /withWatermark: there is no column 'time'/],
    [
      'half of a window', () => perSecond.select('window.start'),
      /there is no column 'window\.start'; there are 'sensor', 'window' and 'n'/,
    ],
    ['that another lambda read', () => { let kept: any; readings.map(
      (r: any) => { kept = r.value; return { a: kept } }
    ); readings.map((r: any) => ({ b: r.raw, kept })) },
      /map: column 'value' is of another lambda's row/],
  ],
  'a value of the wrong type': [
    [
      'text in arithmetic', () => readings.map((r: any) => ({ a: r.value.add(r.sensor) })),
      /add takes numbers; it was given value \(f64\), sensor \(utf8\)/,
    ],
    [
      'a method of numbers on text', () => readings.map((r: any) => ({ a: r.sensor.add(1) })),
      /add\(\) works on numbers; sensor is utf8\. cast\('…'\)/,
    ],
    [
      'a method of text on a number', () => readings.map((r: any) => ({ a: r.value.lower() })),
      /lower\(\) works on text; value is f64/,
    ],
    [
      'a method of timestamps on a number', () => readings.map((r: any) => ({ a: r.value.year() })),
      /year\(\) works on timestamps; value is f64/,
    ],
    ['logic on a number', () => readings.filter((r: any) => r.value.and(r.ok)), /and\(\) works on conditions; value is f64/],
    [
      'a number in logic', () => readings.filter((r: any) => r.ok.and(r.value)),
      /and takes conditions; it was given ok \(bool\), value \(f64\)/,
    ],
    [
      'a comparison of two types', () => readings.filter((r: any) => r.value.gt('3')),
      /gt takes two numbers, two texts or two timestamps; it was given value \(f64\), '3' \(utf8\)/,
    ],
    [
      'a timestamp beside a number', () => readings.filter((r: any) => r.at.gt(r.value)),
      /gt takes .*at \(timestamp\), value \(f64\)/,
    ],
    [
      'a timestamp beside text', () => readings.filter((r: any) => r.at.gt('2026-01-01')),
      /gt takes .*at \(timestamp\), '2026-01-01' \(utf8\)/,
    ],
    [
      'an order of conditions', () => readings.filter((r: any) => r.ok.lt(r.ok)),
      /lt\(\) works on numbers, text and timestamps; ok is bool/,
    ],
    [
      'a comparison with null', () => readings.filter((r: any) => r.value.eq(null)),
      /eq: null has no type; write lit\(null, 'f64'\) or another type, and isNull\(\)/,
    ],
    ['undefined', () => readings.filter((r: any) => r.value.gt(undefined)), /gt: undefined is not an expression/],
    ['an object', () => readings.map((r: any) => ({ a: r.value.add({ x: 1 }) })), /add: an object with x is not an expression/],
    [
      'a window as operand', () => perSecond.map((r: any) => ({ a: r.n.add(r.window) })),
      /add: a window is a pair of timestamps; use its \.start or \.end/,
    ],
    [
      'a method that is not called', () => readings.map((r: any) => ({ a: r.sensor.lower })),
      /map: 'a': this is a function, not a value; call it/,
    ],
    [
      'a cast that does not exist', () => readings.map((r: any) => ({ a: r.ok.cast('timestamp') })),
      /There is no cast of bool to timestamp: ok\. bool can become i32/,
    ],
    [
      'a bigint beyond 64 bits', () => readings.filter((r: any) => r.big.eq(2n ** 63n)),
      /eq: 9223372036854775808 does not fit i64/,
    ],
    [
      'two kinds of values', () => readings.map((r: any) => ({ a: when(r.ok, 1).otherwise('x') })),
      /when\(…\)\.otherwise\(…\) takes a condition and two values of one type.*1 \(f64\), 'x' \(utf8\)/,
    ],
    [
      'coalesce of two kinds', () => readings.map((r: any) => ({ a: coalesce(r.value, r.sensor) })),
      /coalesce takes values of one type/,
    ],
    [
      'when without a condition', () => readings.map((r: any) => ({ a: when(r.value, 1).otherwise(2) })),
      /when takes a condition first/,
    ],
    [
      'when without otherwise', () => readings.map((r: any) => ({ a: when(r.ok, 1) })),
      /'a' is an unfinished when\(\); end it with \.otherwise/,
    ],
    [
      'a unit of time', () => readings.map((r: any) => ({ a: r.at.truncate('fortnight') })),
      /truncate: fortnight is not a unit\. Write one of millisecond, second/,
    ],
    [
      'a literal that is not of its type',
      () => lit('x' as any, 'i32').add(1 as any) && readings.map(() => ({ a: lit({} as any) })), /lit: an object/,
    ],
    ['isIn without an array', () => readings.filter((r: any) => r.sensor.isIn('a')), /isIn takes an array/],
    [
      'a mean of text', () => readings.aggregate((r: any) => ({ a: avg(r.sensor) })),
      /avg takes a number; it was given sensor \(utf8\)/,
    ],
    [
      'a maximum of conditions', () => readings.aggregate((r: any) => ({ a: max(r.ok) })),
      /max takes a number, text or timestamp; it was given ok \(bool\)/,
    ],
    [
      'a filter of an aggregate', () => readings.aggregate((r: any) => ({ a: count().filter(r.value) })),
      /count\(\)\.filter takes a condition/,
    ],
  ],
  'a lambda': [
    ['that is none', () => readings.filter(true), /filter takes a lambda, such as filter\(r => …\); it was given true/],
    ['that is a name', () => readings.map('value'), /map takes a lambda.*it was given value/],
    [
      'that is async', () => readings.map(async (r: any) => ({ a: r.value })),
      /must return an object of named columns; it returned a promise; the lambda cannot be async/,
    ],
    [
      'without return', () => readings.filter(() => { }),
      /must return a condition.*it returned nothing; was a `return` forgotten/,
    ],
    [
      'that returns a number column', () => readings.filter((r: any) => r.value),
      /must return a condition, such as r\.value\.gt\(3\); it returned value \(f64\)/,
    ],
    [
      'that returns a column without name', () => readings.map((r: any) => r.value),
      /must return an object of named columns, such as r => \(\{ name: … \}\)/,
    ],
    ['that returns an array', () => readings.map((r: any) => [r.value]), /it returned an array/],
    ['that returns no column', () => readings.map(() => ({})), /returned an object without columns/],
    [
      'that nests objects', () => readings.map((r: any) => ({ a: { b: r.value } })),
      /map: 'a': an object with b is not an expression/,
    ],
    [
      'that assigns to the row', () => readings.map((r: any) => { r.value = 1; return { a: r.raw } }),
      /the row cannot be assigned to; return the columns/,
    ],
    [
      'with an aggregate among columns', () => readings.map(() => ({ a: count() })),
      /map: 'a' is an aggregate; aggregates stand in aggregate\(\)/,
    ],
    [
      'with a column among aggregates', () => readings.aggregate((r: any) => ({ a: r.value })),
      /'a' is not an aggregate; write count\(\), avg\(r\.value\)/,
    ],
    [
      'with a window among columns', () => readings.map((r: any) => ({ a: tumbling(r.at, '1 s') })),
      /'a' is a window; tumbling\(\) and sliding\(\) stand among the keys of groupBy/,
    ],
    [
      'with two columns of one name', () => perSecond.map((r: any) => ({ window: r.window, 'window.start': r.n })),
      /there would be two columns named 'window\.start'/,
    ],
    [
      'with an aggregate named like a key',
      () => readings.groupBy((r: any) => ({ sensor: r.sensor })).aggregate(() => ({ sensor: count() })),
      /two columns named 'sensor'/,
    ],
  ],
  'a window': [
    [
      'over a number', () => readings.groupBy((r: any) => ({ w: tumbling(r.value, '1 s') })),
      /tumbling takes a timestamp column first/,
    ],
    ['without size', () => readings.groupBy((r: any) => ({ w: tumbling(r.at, 0) })), /tumbling: size must be more than 0, not 0/],
    [
      'with a slide beyond its size', () => readings.groupBy((r: any) => ({ w: sliding(r.at, '1 s', '2 s') })),
      /sliding: slide must be more than 0 and at most the size \(1000 ms\), not 2 s/,
    ],
    ['with a slide of 0', () => readings.groupBy((r: any) => ({ w: sliding(r.at, '1 s', 0) })), /slide must be more than 0/],
    [
      'with a unit that does not exist', () => readings.groupBy((r: any) => ({ w: tumbling(r.at, '1 sec' as any) })),
      /tumbling: size: "1 sec" is not a duration/,
    ],
    [
      'beside another', () => readings.groupBy((r: any) => ({ a: tumbling(r.at, '1 s'), b: tumbling(r.at, '2 s') })),
      /'a' and 'b' are both windows; an aggregation has at most one/,
    ],
    [
      'in reduceByKey', () => readings.reduceByKey((r: any) => ({ w: tumbling(r.at, '1 s') }), () => ({ n: count() })),
      /reduceByKey works on each batch by itself/,
    ],
  ],
  'a verb': [
    [
      'union of other columns', () => readings.select('value', 'ok').union(readings.select('raw', 'ok')),
      /union: .*column 1 is 'value' \(f64\) on one side and 'raw' \(i32\) on the other\./,
    ],
    [
      'union of fewer columns', () => readings.select('value', 'ok').union(readings.select('value')),
      /column 2 is 'ok' \(bool\) on one side and nothing on the other/,
    ],
    ['union across contexts', () => readings.union(new TestPipeline().readings()), /belong to different contexts/],
    ['union with a list', () => readings.union([readings]), /union takes streams/],
    ['sample of too much', () => readings.sample(2), /sample: fraction must be from 0 to 1, not 2/],
    ['limit of a fraction', () => readings.limit(1.5), /limit: rows must be a whole number from 0, not 1\.5/],
    ['drop of all', () => readings.select('value').drop('value'), /drop: no column would be left of 'value'/],
    [
      'a watermark on a number', () => readings.withWatermark('value', '2 s'),
      /withWatermark: column 'value' is f64; event time is a timestamp column/,
    ],
    ['a watermark on a window', () => perSecond.withWatermark('window', '2 s'), /column 'window' is a window/],
    [
      'a watermark with a wrong delay', () => readings.withWatermark('at', '2 secs'),
      /withWatermark: delay: "2 secs" is not a duration/,
    ],
    ['late rows without watermark', () => totals.lateRows(), /lateRows: no row can be late/],
    [
      'an aggregate filter outside of its lambda', () => count().filter(q => q.value.gt(1)),
      /only works inside the lambda of aggregate/,
    ],
    ['forEachBatch without a function', () => readings.forEachBatch('x'), /forEachBatch takes a function/],
    [
      'an output mode', () => pipeline.output('x', readings, 'replace' as any),
      /mode: replace is not an output mode\. Write one of 'append', 'update' and 'complete'/,
    ],
  ],
  'an output mode': [
    [
      'append without window', () => pipeline.output('x', totals, 'append'),
      /x: mode 'append' is not possible: groupBy\(sensor\) has no window, so its rows are never final\. Or use mode 'update'/,
    ],
    ['append without watermark', () => pipeline.output(
      'x', readings.groupBy((r: any) => ({ w: tumbling(r.at, '1 s') })).aggregate(() => ({ n: count() })), 'append'
    ),
      /has no watermark, so its windows never close; declare one before it: stream\.withWatermark\('column', '2 s'\)/],
    ['append over a computed time', () => pipeline.output(
      'x',
      timed.with(
        (r: any) => ({ at: r.at.truncate('second') })
      ).groupBy((r: any) => ({ w: tumbling(r.at, '1 s') })).aggregate(() => ({ n: count() })),
      'append'
    ),
      /pass that column to tumbling\(\) unchanged/],
    [
      'complete without aggregation', () => pipeline.output('x', readings, 'complete'),
      /mode 'complete' is not possible: rows reach this output that were not aggregated/,
    ],
    [
      'complete of single batches', () => pipeline.output('x', readings.countByValue(), 'complete'),
      /works on each batch by itself and keeps nothing/,
    ],
    ['an aggregation over one that is never final',
      () => totals.groupBy((r: any) => ({ n: r.n })).aggregate(() => ({ m: count() })),
      /aggregate needs final rows from the aggregation below it \(mode append\): groupBy\(sensor\) has no window/],
  ],
}

for (const [group, cases] of Object.entries(WRONG)) {
  describe(`misuse: ${group}`, () => {
    it.each(cases)('%s', (_, program, message) => expect(messageOf(program)).toMatch(message))
  })
}

describe('correct programs that look like misuse', () => {
  it('may leave columns over when the row is spread or destructured with a rest', () => {
    expect(readings.map((r: any) => ({ ...r })).schema.length).toBe(7)
    expect(readings.map(({ value, ...rest }: any) => rest).schema.map((field: any) => field.name)).not.toContain('value')
  })

  it('may filter an aggregate by a lambda', () => {
    expect(() => readings.aggregate(() => ({ n: count().filter(q => q.value.gt(1)) }))).not.toThrow()
  })
})
