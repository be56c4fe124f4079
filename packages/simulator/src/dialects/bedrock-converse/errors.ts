import type { FullError } from '../../dialect.ts'
import type { ErrorReply } from '../../fault.ts'

/** What Bedrock says with a status. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
export function bedrockError(error: ErrorReply & { readonly status: number }): FullError {
  const usual = errors[error.status] ?? errors[error.status >= 500 ? 500 : 400]!
  return {
    message: error.message ?? usual[1],
    type: error.type?.endsWith('Exception') === true ? error.type : usual[0],
    code: error.code ?? null,
    param: error.param ?? null,
  }
}

const errors: Readonly<Record<number, readonly [type: string, message: string]>> = {
  400: ['ValidationException', 'The request is not valid.'],
  401: ['UnrecognizedClientException', 'The security token included in the request is invalid.'],
  403: ['AccessDeniedException', "You don't have access to the model with the specified model ID."],
  404: ['ResourceNotFoundException', 'Could not resolve the foundation model from the provided model identifier.'],
  408: ['ModelTimeoutException', 'Model has timed out in processing the request.'],
  409: ['ConflictException', 'There was a conflict with another request.'],
  424: ['ModelErrorException', 'The system encountered an unexpected error during processing.'],
  429: ['ThrottlingException', 'Too many requests, please wait before trying again.'],
  500: [
    'InternalServerException',
    'The system encountered an unexpected error during processing. Try your request again.',
  ],
  503: ['ServiceUnavailableException', 'Bedrock is unable to process your request.'],
}
