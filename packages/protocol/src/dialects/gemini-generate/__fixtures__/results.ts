const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 }
const end = { modelVersion: 'gemini-3.8-flash', responseId: 'r-1_x' }

export const results: Readonly<Record<string, unknown>> = {
  text: {
    candidates: [
      { content: { parts: [{ text: 'Sunny — 20 °C 👋🏽.' }], role: 'model' }, finishReason: 'STOP', index: 0 },
    ],
    usageMetadata,
    ...end,
  },
  'with all around it': {
    candidates: [
      {
        content: { parts: [{ text: 'Sunny', thoughtSignature: 'c2ln' }], role: 'model' },
        finishReason: 'MAX_TOKENS',
        finishMessage: 'too long',
        safetyRatings: [{ category: 'HARM_CATEGORY_HARASSMENT', probability: 'NEGLIGIBLE' }],
        citationMetadata: { citationSources: [{ startIndex: 0, endIndex: 5, uri: 'https://example.com' }] },
        avgLogprobs: -0.1,
        logprobsResult: {
          chosenCandidates: [{ token: 'Sunny', tokenId: 7, logProbability: -0.1 }],
          topCandidates: [
            {
              candidates: [
                { token: 'Sunny', tokenId: 7, logProbability: -0.1 },
                { token: 'Rainy', logProbability: -2 },
              ],
            },
          ],
        },
      },
    ],
    promptFeedback: { safetyRatings: [] },
    usageMetadata: {
      promptTokenCount: 1000,
      cachedContentTokenCount: 600,
      candidatesTokenCount: 50,
      thoughtsTokenCount: 30,
      toolUsePromptTokenCount: 20,
      totalTokenCount: 1100,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 700 },
        { modality: 'AUDIO', tokenCount: 200 },
        { modality: 'IMAGE', tokenCount: 100 },
      ],
      cacheTokensDetails: [
        { modality: 'TEXT', tokenCount: 500 },
        { modality: 'AUDIO', tokenCount: 100 },
      ],
      trafficType: 'ON_DEMAND',
    },
    createTime: '2026-11-20T10:11:12.345Z',
    ...end,
  },
  'parallel calls': {
    candidates: [
      {
        content: {
          parts: [
            { text: 'Let me think.', thought: true },
            { text: 'Let me look.' },
            { functionCall: { name: 'get_weather', args: { city: 'Oslo' } }, thoughtSignature: 'c2ln' },
            { functionCall: { id: 'fc_2', name: 'now', args: {} } },
          ],
          role: 'model',
        },
        finishReason: 'STOP',
        index: 0,
      },
    ],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, thoughtsTokenCount: 3, totalTokenCount: 18 },
    ...end,
  },
  grounded: {
    candidates: [
      {
        content: { parts: [{ text: 'Über Oslo scheint die Sonne.' }], role: 'model' },
        finishReason: 'STOP',
        index: 0,
        groundingMetadata: {
          webSearchQueries: ['weather oslo'],
          groundingChunks: [
            { web: { uri: 'https://a.example', title: 'a' } },
            { web: { uri: 'https://b.example', title: 'b' } },
          ],
          groundingSupports: [
            { segment: { startIndex: 6, endIndex: 10, text: 'Oslo' }, groundingChunkIndices: [0, 1] },
          ],
        },
      },
    ],
    usageMetadata,
    ...end,
  },
  media: {
    candidates: [
      {
        content: {
          parts: [
            { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
            { inlineData: { mimeType: 'audio/L16;codec=pcm;rate=24000', data: 'AAAA' } },
            { executableCode: { language: 'PYTHON', code: '1' } },
          ],
          role: 'model',
        },
        finishReason: 'STOP',
        index: 0,
      },
    ],
    usageMetadata,
    ...end,
  },
  'two candidates': {
    candidates: [
      { content: { parts: [{ text: 'A' }], role: 'model' }, finishReason: 'STOP', index: 0 },
      { content: { parts: [{ text: 'B' }], role: 'model' }, finishReason: 'SAFETY', index: 1 },
    ],
    usageMetadata,
    ...end,
  },
  blocked: {
    promptFeedback: { blockReason: 'PROHIBITED_CONTENT', safetyRatings: [] },
    usageMetadata: { promptTokenCount: 10, totalTokenCount: 10 },
    ...end,
  },
  'nothing said': {
    candidates: [{ finishReason: 'OTHER' }],
    usageMetadata: { promptTokenCount: 1, totalTokenCount: 1 },
  },
}
