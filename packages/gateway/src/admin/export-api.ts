/** How the document tells of `/usage/export`, whose answer is no JSON. @param parameters of the records that it lists. @param otherwise what else it may answer. */
export function exportOperation(parameters: readonly object[], otherwise: object): object {
  const format = {
    name: 'format',
    in: 'query',
    description: 'Default `csv`.',
    schema: { type: 'string', enum: ['csv', 'jsonl'] },
  }
  const lines = { schema: { type: 'string' } }
  return {
    operationId: 'get-usage-export',
    summary: 'Give all requests with what each used, a line for each, the newest first, as they are read.',
    description: 'Takes the permission `usage:read`.',
    tags: ['usage'],
    parameters: [format, ...parameters],
    responses: {
      200: { description: 'Lines.', content: { 'text/csv': lines, 'application/x-ndjson': lines } },
      400: { $ref: '#/components/responses/BadRequest' },
      401: { $ref: '#/components/responses/Unauthorized' },
      403: { $ref: '#/components/responses/Forbidden' },
      default: otherwise,
    },
  }
}
