// What `npm test` runs: finds or installs a Chromium, builds the package, checks types, runs every test project, and ends with
// the one line `N passed, N failed`. A skipped test counts as failed: nothing is left out in silence.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findChromium } from './chromium.mjs'

const NODE_MIN = [20, 19]
/** Projects that run at one time; the demo measures its page's thread and so runs by itself. */
const RUNS = [['node'], ['chromium', 'chromium-isolated'], ['demo']]

const counts = { passed: 0, failed: 0 }

/**
 * Runs a program with its output shown.
 * @param {string} command
 * @param {readonly string[]} args
 */
function run(command, args) {
  process.stdout.write(`\n> ${[command === process.execPath ? 'node' : command, ...args].join(' ')}\n`)
  return spawnSync(command, args, { stdio: 'inherit' }).status === 0
}

/** Counts a step that is not a test file. @param {string} name @param {boolean} passed */
function count(name, passed) {
  process.stdout.write(`${name}: ${passed ? 'passed' : 'FAILED'}\n`)
  counts[passed ? 'passed' : 'failed']++
  return passed
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return
  fail(`Node ${process.versions.node} is too old: install Node ${NODE_MIN.join('.')} or later.`)
}

/** A browser for the page tests; as root on Debian it is installed from there, elsewhere Playwright downloads one. */
function provideChromium() {
  if (findChromium()) return
  const isDebianRoot = existsSync('/etc/debian_version') && process.getuid?.() === 0
  if (isDebianRoot) {
    run('apt-get', ['update', '-qq'])
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'])
  } else {
    run(process.execPath, ['node_modules/playwright/cli.js', 'install', 'chromium'])
  }
  if (!findChromium()) {
    fail('No Chromium found, and none could be installed. Install Chromium so that it is on PATH, or set CHROMIUM_PATH to one.')
  }
}

/** @param {readonly string[]} projects @param {string} report path of the JSON report */
function runTests(projects, report) {
  const selection = projects.map(project => `--project=${project}`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const passed = run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...selection, ...reporters])
  if (!existsSync(report)) return void count(`tests of ${projects.join(', ')}`, false)
  const result = JSON.parse(readFileSync(report, 'utf8'))
  const skipped = result.numPendingTests + result.numTodoTests
  const filesNotRun = result.testResults.filter(file => file.status === 'failed' && file.assertionResults.length === 0).length
  const failed = result.numFailedTests + skipped + filesNotRun
  if (skipped > 0) process.stdout.write(`${skipped} tests were skipped; that counts as failed.\n`)
  counts.passed += result.numPassedTests
  // A run that failed with every test passed had an error outside of tests.
  counts.failed += failed === 0 && (!passed || result.numTotalTests === 0) ? 1 : failed
}

/** @param {string} message @returns {never} */
function fail(message) {
  process.stderr.write(`\n${message}\n`)
  process.stdout.write(`\n${counts.passed} passed, ${counts.failed + 1} failed\n`)
  process.exit(1)
}

checkNode()
provideChromium()
if (!count('build', run(process.execPath, ['scripts/build.mjs']))) fail('The package does not build; no tests were run.')
count('type check', run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--noEmit']))
const reports = mkdtempSync(join(tmpdir(), 'millrace-test-'))
for (const projects of RUNS) runTests(projects, join(reports, `${projects[0]}.json`))
rmSync(reports, { recursive: true })
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed\n`)
process.exitCode = counts.failed === 0 ? 0 : 1
