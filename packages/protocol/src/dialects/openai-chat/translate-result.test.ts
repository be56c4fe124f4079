import { describe, expect, it } from 'vitest'
import { SluiceError } from '../../errors/sluice-error.ts'
import type { ChatResult } from '../../ir/chat.ts'
import { noUsage } from '../../ir/usage.ts'
import { decodeResult } from './decode-result.ts'
import { encodeError, encodeErrorEvent } from './encode-error.ts'
import { encodeResult } from './encode-result.ts'

const context = { warn: () => undefined }

describe('reading a result', () => {
  it.each([
    [{ error: { message: 'no', code: 429 } }, 'rate_limit_exceeded'],
    [{ choices: [], error: 'too busy' }, 'upstream_error'],
    [{ choices: null, base_resp: { status_code: 1008, status_msg: 'balance' } }, 'insufficient_quota'],
    [{ object: 'list', data: [] }, 'upstream_invalid_response'],
    [{ choices: [1] }, 'upstream_invalid_response'],
    [{ choices: [{ message: { content: [5] } }] }, 'upstream_invalid_response'],
    [[], 'upstream_invalid_response'],
    ['hello', 'upstream_invalid_response'],
  ])('finds the failure in %j', (wire, code) => {
    expect(() => decodeResult(wire)).toThrow(expect.objectContaining({ code }))
  })
})

describe('writing a result of another dialect', () => {
  const foreign: ChatResult = {
    id: 'msg_1',
    model: 'claude',
    choices: [
      {
        index: 0,
        content: [
          { type: 'reasoning', text: 'hm', signature: 's' },
          { type: 'text', text: 'ab' },
          { type: 'text', text: 'cd', annotations: [{ type: 'url-citation', url: 'u', start: 0, end: 2 }] },
        ],
        finishReason: 'stop',
        providerFinishReason: 'end_turn',
      },
    ],
    usage: { ...noUsage, input: 1, cacheWrite: 2, cacheWriteLong: 3, output: 4, reasoning: 5 },
  }

  it('is what an OpenAI client expects', () => {
    expect(encodeResult(foreign, context)).toEqual({
      id: 'msg_1',
      object: 'chat.completion',
      created: 0,
      model: 'claude',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'abcd',
            refusal: null,
            annotations: [{ type: 'url_citation', url_citation: { start_index: 2, end_index: 4, url: 'u' } }],
            reasoning_content: 'hm',
            reasoning_details: [{ type: 'reasoning.text', index: 0, text: 'hm', signature: 's' }],
          },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 6,
        completion_tokens: 9,
        total_tokens: 15,
        prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0, cache_write_tokens: 5 },
        completion_tokens_details: { reasoning_tokens: 5, audio_tokens: 0, rejected_prediction_tokens: 0 },
      },
    })
  })
})

describe('writing an error', () => {
  it.each([
    [new SluiceError('invalid_api_key', 'm'), 'invalid_request_error', 'invalid_api_key'],
    [new SluiceError('insufficient_quota', 'm'), 'insufficient_quota', 'insufficient_quota'],
    [new SluiceError('rate_limit_exceeded', 'm'), 'requests', 'rate_limit_exceeded'],
    [new SluiceError('rate_limit_exceeded', 'm', { upstream: { type: 'tokens' } }), 'tokens', 'rate_limit_exceeded'],
    [new SluiceError('upstream_timeout', 'm'), 'server_error', 'upstream_timeout'],
    [new SluiceError('upstream_model_not_found', 'm'), 'invalid_request_error', 'model_not_found'],
    [
      new SluiceError('upstream_rejected', 'm', { upstream: { code: 'unknown_parameter' } }),
      'invalid_request_error',
      'unknown_parameter',
    ],
    [new SluiceError('upstream_rejected', 'm'), 'invalid_request_error', 'upstream_rejected'],
  ])('%s', (error, type, code) => {
    expect(encodeError(error, 'req_1')).toEqual({
      error: { message: 'm', type, param: null, code, request_id: 'req_1' },
    })
  })

  it('names the field, and ends a stream as one event', () => {
    const error = new SluiceError('invalid_request', 'bad', { param: 'messages[0]' })
    expect(encodeErrorEvent(error, 'r')).toBe(
      'data: {"error":{"message":"bad","type":"invalid_request_error","param":"messages[0]","code":"invalid_request","request_id":"r"}}\n\n',
    )
  })
})
