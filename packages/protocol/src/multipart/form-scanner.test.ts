import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SluiceError } from '../errors/sluice-error.ts'
import { boundaryOf, formBoundary } from './form-boundary.ts'
import { createFormScanner, type FormScanner } from './form-scanner.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

interface Part {
  readonly head: string
  readonly content: Uint8Array
}

function formOf(boundary: string, parts: readonly Part[]): Uint8Array {
  const pieces = parts.flatMap(({ head, content }) => [
    encoder.encode(`--${boundary}\r\n${head}\r\n\r\n`),
    content,
    encoder.encode('\r\n'),
  ])
  return Uint8Array.from([...pieces, encoder.encode(`--${boundary}--\r\n`)].flatMap((piece) => [...piece]))
}

function field(name: string, value: string): Part {
  return { head: `Content-Disposition: form-data; name="${name}"`, content: encoder.encode(value) }
}

function file(content: Uint8Array): Part {
  return { head: 'Content-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav', content }
}

function scan(body: Uint8Array, boundary = 'b', size = body.length): FormScanner {
  const scanner = createFormScanner(boundary, ['model'])
  for (let at = 0; at < body.length; at += size) scanner.write(body.subarray(at, at + size))
  return scanner
}

function refusal(body: string): unknown {
  try {
    return scan(encoder.encode(body)).field('model')
  } catch (error) {
    return error instanceof SluiceError ? error.code : error
  }
}

const whole = formOf('b', [
  file(encoder.encode('--\r\n-\r\n--a\r\r\n--')),
  field('model', 'häns'),
  field('prompt', 'x'),
])

test('says where files are, split anywhere', () => {
  const content = encoder.encode('--\r\n-\r\n--a\r\r\n--')
  const body = formOf('b', [field('purpose', 'batch'), file(content), file(encoder.encode(''))])
  for (let size = 1; size <= body.length; size++) {
    const { files } = scan(body, 'b', size)
    expect(files.map(({ name, filename }) => [name, filename])).toEqual([
      ['file', 'a.wav'],
      ['file', 'a.wav'],
    ])
    expect(files.map(({ start, end }) => body.subarray(start, end))).toEqual([content, encoder.encode('')])
  }
})

test('finds a field and where it stands, however the body is split', () => {
  for (let size = 1; size <= whole.length; size++) {
    const scanner = scan(whole, 'b', size)
    const found = scanner.field('model')!
    expect([scanner.complete, found.value, decoder.decode(whole.subarray(found.start, found.end))]).toEqual([
      true,
      'häns',
      'häns',
    ])
    expect(scanner.field('prompt')).toBeUndefined()
  }
})

test('knows a field as soon as its end has come, and not before', () => {
  const end = scan(whole).field('model')!.end + '\r\n--b'.length
  expect(scan(whole.subarray(0, end - 1)).field('model')).toBeUndefined()
  expect(scan(whole.subarray(0, end)).field('model')?.value).toBe('häns')
  expect(scan(whole.subarray(0, end)).complete).toBe(false)
})

test('any files and any boundary', () => {
  const boundaries = fc.stringMatching(/^[-a-b]{0,6}[a-b]$/)
  // Many hyphens and line ends, so that content nearly ends all the time.
  const contents = fc
    .uint8Array({ maxLength: 60 })
    .map((bytes) => bytes.map((byte) => [0x2d, 0x0d, 0x0a, 0x61, 0x62, byte][byte % 6]!))
  fc.assert(
    fc.property(
      boundaries,
      fc.array(contents, { maxLength: 4 }),
      fc.integer({ min: 1, max: 40 }),
      (boundary, files, size) => {
        const text = (bytes: Uint8Array): string => decoder.decode(bytes)
        fc.pre(
          files.every(
            (bytes) =>
              !text(bytes).includes(`--${boundary}`) &&
              !`${text(bytes)}\r\n--${boundary}`.slice(0, -1).includes(`--${boundary}`),
          ),
        )
        const body = formOf(boundary, [...files.map(file), field('model', 'm'), ...files.map(file)])
        const scanner = scan(body, boundary, size)
        expect([scanner.field('model')?.value, scanner.complete]).toEqual(['m', true])
        expect(boundaryOf(body)).toBe(boundary)
      },
    ),
  )
})

describe('refuses what two readers could understand in two ways', () => {
  const model = 'Content-Disposition: form-data; name="model"'
  test.each([
    ['a field twice', `--b\r\n${model}\r\n\r\nx\r\n--b\r\n${model}\r\n\r\ny\r\n--b--`],
    [
      'a boundary after a bare line feed',
      `--b\r\n${model}\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\n--b\r\n${model}\r\n\r\ny\r\n--b--`,
    ],
    ['a boundary within a line', `--b\r\n${model}\r\n\r\nx--b--`],
    ['a boundary right after a head', `--b\r\n${model}\r\n\r\n--b--`],
    ['something before the first boundary', `hello\r\n--b\r\n${model}\r\n\r\nx\r\n--b--`],
    ['a longer boundary', `--bc\r\n${model}\r\n\r\nx\r\n--bc--`],
    ['a file of that name', `--b\r\n${model}; filename="x"\r\n\r\nx\r\n--b--`],
    ['an encoded value', `--b\r\n${model}\r\nContent-Transfer-Encoding: base64\r\n\r\neA==\r\n--b--`],
    ['two names', `--b\r\n${model}; name="a"\r\n\r\nx\r\n--b--`],
    ['two dispositions', `--b\r\n${model}\r\n${model}\r\n\r\nx\r\n--b--`],
    ['a name in another notation', `--b\r\n${model}; name*=utf-8''a\r\n\r\nx\r\n--b--`],
    ['an escaped name', `--b\r\nContent-Disposition: form-data; name="mo\\del"\r\n\r\nx\r\n--b--`],
    ['a folded head', `--b\r\nContent-Disposition: form-data;\r\n name="model"\r\n\r\nx\r\n--b--`],
    ['no name', '--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--'],
    ['no head', '--b\r\n\r\nx\r\n--b--'],
    ['too long a head', `--b\r\nX: ${'x'.repeat(9_000)}`],
    ['too long a value', `--b\r\n${model}\r\n\r\n${'x'.repeat(2_000)}`],
    ['too many parts', `--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n`.repeat(1_001)],
  ])('%s', (_what, body) => {
    expect(refusal(body)).toBe('invalid_request')
  })

  test('a value that is no UTF-8', () => {
    const body = formOf('b', [{ ...field('model', ''), content: Uint8Array.of(0xff) }])
    expect(() => scan(body)).toThrow(expect.objectContaining({ code: 'invalid_utf8' }))
  })
})

test('reads names without quotes, in any case and order', () => {
  for (const disposition of [
    'form-data; name=model',
    'FORM-DATA;NAME="model"',
    'form-data ; x="a\\"b; name=no" ; name="model"',
  ])
    expect(refusal(`--b\r\ncontent-disposition: ${disposition}\r\n\r\nx\r\n--b--`)).toMatchObject({ value: 'x' })
})

test.each([
  ['multipart/form-data; boundary=abc', 'abc'],
  ['Multipart/Form-Data;boundary="a b?c"', 'a b?c'],
  ['multipart/form-data; boundary=----WebKitFormBoundaryABC123', '----WebKitFormBoundaryABC123'],
  ['multipart/form-data', undefined],
  ['multipart/form-data; boundary=', undefined],
  ['multipart/form-data; boundary=a; boundary=b', undefined],
  ['multipart/form-data; boundary="a"b', undefined],
  [`multipart/form-data; boundary=${'x'.repeat(71)}`, undefined],
  ['multipart/mixed; boundary=abc', undefined],
  ['application/json', undefined],
  [undefined, undefined],
])('%s has the boundary %s', (type, boundary) => {
  expect(formBoundary(type)).toBe(boundary)
})
