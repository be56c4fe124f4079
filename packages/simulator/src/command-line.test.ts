import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { help, readCommandLine } from './command-line.ts'
import { presets } from './presets.ts'

test('options become a simulator', () => {
  const words =
    '--port 0 --api-key k --model a --model b --model-list array --latency 20 --gap 5 --fault reset-mid-body --fault keep-alive'
  expect(readCommandLine(words.split(' '))).toEqual({
    port: 0,
    apiKey: 'k',
    models: ['a', 'b'],
    modelList: 'array',
    timing: { latency: 20, gap: 5 },
    always: { fault: [{ kind: 'reset', at: 300 }, { kind: 'keep-alive' }] },
  })
  expect(readCommandLine(['--fixed-bytes', '900', '--chunks', '100'])).toEqual({
    port: 9000,
    timing: {},
    fixed: { bytes: 900, chunks: 100 },
  })
})

test.each([
  [['--port', 'abc'], "--port takes a whole number, not 'abc'."],
  [['--fault', 'nothing'], "'nothing' is no behaviour"],
  [['--model-list', 'tree'], '--model-list takes one of list, data, models, array, strings'],
  [['--unknown'], "Unknown option '--unknown'"],
])('%j is refused', (words, expected) => {
  expect(() => readCommandLine(words)).toThrow(expected)
})

test('help names every behaviour', () => {
  expect(readCommandLine(['--help'])).toBeUndefined()
  for (const name of Object.keys(presets)) expect(help).toContain(name)
})

test('runs, answers and stops on SIGTERM', async () => {
  const program = fileURLToPath(new URL('main.ts', import.meta.url))
  const running = spawn(process.execPath, [program, '--port', '0', '--fault', 'overloaded'])
  const line = await new Promise<string>((resolve) => running.stdout.once('data', (text) => resolve(String(text))))
  const url = /^Simulator on (http:\/\/127\.0\.0\.1:\d+\/v1)\n$/.exec(line)?.[1] ?? ''
  const response = await fetch(`${url}/chat/completions`, { method: 'POST', body: '{}' })
  expect(response.status).toBe(503)
  running.kill('SIGTERM')
  expect(await new Promise((resolve) => running.once('exit', resolve))).toBe(0)
})

test('says what is wrong and exits with 1', async () => {
  const program = fileURLToPath(new URL('main.ts', import.meta.url))
  const running = spawn(process.execPath, [program, '--port', 'x'])
  let said = ''
  running.stderr.on('data', (text) => (said += String(text)))
  expect(await new Promise((resolve) => running.once('close', resolve))).toBe(1)
  expect(said).toBe("sluice-simulator: --port takes a whole number, not 'x'.\nTry --help.\n")
})
