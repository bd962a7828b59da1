/**
 * DuckDB as the outside oracle: a table of rows in, the rows of a query out, as the values that Millrace gives.
 * Every table has a column `ord`, the order of arrival, so that order-dependent aggregates can be asked for.
 */
import { DuckDBInstance, type DuckDBAppender, type DuckDBConnection } from '@duckdb/node-api'

export type ColumnType = 'bool' | 'i32' | 'i64' | 'f32' | 'f64' | 'utf8' | 'timestamp'
export type Value = boolean | number | bigint | string | null
export type Row = Readonly<Record<string, Value>>
export type TableSchema = Readonly<Record<string, ColumnType>>

/** Timestamps are epoch ms on both sides: a DOUBLE here. */
export const SQL_TYPE: Readonly<Record<ColumnType, string>> =
  { bool: 'BOOLEAN', i32: 'INTEGER', i64: 'BIGINT', f32: 'REAL', f64: 'DOUBLE', utf8: 'VARCHAR', timestamp: 'DOUBLE' }

const APPEND: Readonly<Record<ColumnType, (appender: DuckDBAppender, value: never) => void>> = {
  bool: (appender, value) => appender.appendBoolean(value),
  i32: (appender, value) => appender.appendInteger(value),
  i64: (appender, value) => appender.appendBigInt(value),
  f32: (appender, value) => appender.appendFloat(value),
  f64: (appender, value) => appender.appendDouble(value),
  utf8: (appender, value) => appender.appendVarchar(value),
  timestamp: (appender, value) => appender.appendDouble(value),
}

export class Duck {
  readonly #connection: DuckDBConnection

  private constructor(connection: DuckDBConnection) {
    this.#connection = connection
  }

  /** An empty database in memory; one thread, so that floating sums have one order. */
  static async open(): Promise<Duck> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
    const connection = await instance.connect()
    // Its optimizer compares TRY_CAST(x AS BIGINT) with a constant as if the cast could not fail.
    await connection.run('PRAGMA disable_optimizer')
    return new Duck(connection)
  }

  /** Replaces the table `name`; `ord` counts the rows from 0. */
  async load(name: string, schema: TableSchema, rows: readonly Row[]): Promise<void> {
    const columns = Object.entries(schema)
    const definitions = columns.map(([column, type]) => `"${column}" ${SQL_TYPE[type]}`)
    await this.#connection.run(`CREATE OR REPLACE TABLE ${name} (ord INTEGER, ${definitions.join(', ')})`)
    const appender = await this.#connection.createAppender(name)
    rows.forEach((row, ord) => {
      appender.appendInteger(ord)
      for (const [column, type] of columns) {
        const value = row[column] ?? null
        if (value === null) appender.appendNull()
        else APPEND[type](appender, value as never)
      }
      appender.endRow()
    })
    appender.closeSync()
  }

  /** The rows of a query, by its column names. */
  async query(sql: string): Promise<Row[]> {
    try {
      const reader = await this.#connection.runAndReadAll(sql)
      return reader.getRowObjectsJS() as unknown as Row[]
    } catch (error) {
      throw new Error(`DuckDB refused: ${(error as Error).message}\n${sql}`)
    }
  }

  close(): void {
    this.#connection.closeSync()
  }
}
