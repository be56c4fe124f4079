const pixel = 'iVBORw0KGgo='

export const requests: Readonly<Record<string, unknown>> = {
  minimal: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
  'no role': { contents: [{ parts: [{ text: 'Hello' }] }] },
  'empty turns': {
    contents: [{ role: 'user', parts: [] }, { role: 'model' }, { role: 'user', parts: [{ text: '' }] }],
  },
  'system, several turns': {
    systemInstruction: { parts: [{ text: 'Be brief.' }] },
    contents: [
      { role: 'user', parts: [{ text: 'Weather?' }] },
      {
        role: 'model',
        parts: [
          { text: 'I think.', thought: true },
          { text: 'Sunny.', thoughtSignature: 'c2ln' },
        ],
      },
      { role: 'user', parts: [{ text: 'And ' }, { text: 'Rome?' }] },
    ],
  },
  'system parts': {
    systemInstruction: { role: 'system', parts: [{ text: 'Be brief.' }, { text: 'Be kind.' }] },
    contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
  },
  'every setting': {
    contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
    generationConfig: {
      temperature: 1.5,
      topP: 0.9,
      topK: 40,
      maxOutputTokens: 100,
      candidateCount: 2,
      stopSequences: ['END', 'STOP'],
      seed: 7,
      presencePenalty: 0.1,
      frequencyPenalty: -0.1,
      responseLogprobs: true,
      logprobs: 3,
      responseModalities: ['TEXT', 'IMAGE'],
      responseMimeType: 'application/json',
      responseJsonSchema: { type: 'object', properties: { kind: { const: 'a' } } },
      thinkingConfig: { thinkingLevel: 'HIGH', includeThoughts: true },
      mediaResolution: 'MEDIA_RESOLUTION_LOW',
      speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } },
    },
    safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
    cachedContent: 'cachedContents/abc',
    serviceTier: 'standard',
    labels: { team_name: 'search' },
  },
  'empty settings': { contents: [], generationConfig: {}, toolConfig: {}, tools: [] },
  'a thinking budget': {
    contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
    generationConfig: { thinkingConfig: { thinkingBudget: -1 } },
  },
  'legacy schemas': {
    contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
    tools: [
      {
        functionDeclarations: [
          {
            name: 'get_weather',
            description: 'Weather',
            parameters: {
              type: 'OBJECT',
              properties: { city: { type: 'STRING', nullable: true } },
              required: ['city'],
            },
          },
        ],
      },
    ],
    generationConfig: {
      responseMimeType: 'application/json',
      responseSchema: {
        type: 'ARRAY',
        minItems: '1',
        items: { type: 'STRING', enum: ['a', 'b'] },
        propertyOrdering: ['x'],
      },
    },
  },
  'an enum as text': {
    contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
    generationConfig: { responseMimeType: 'text/x.enum', responseSchema: { type: 'STRING', enum: ['a'] } },
  },
  tools: {
    contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
    tools: [
      {
        functionDeclarations: [
          { name: 'now' },
          { name: 'get_weather', parametersJsonSchema: { type: 'object', properties: {} }, behavior: 'BLOCKING' },
        ],
      },
      { googleSearch: {} },
      { functionDeclarations: [{ name: 'later' }], urlContext: {} },
    ],
    toolConfig: {
      functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['now', 'later'] },
      retrievalConfig: { languageCode: 'no' },
    },
  },
  'one tool': {
    contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
    tools: [{ functionDeclarations: [{ name: 'now' }] }],
    toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['now'] } },
  },
  'validated calls': {
    contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
    tools: [{ functionDeclarations: [{ name: 'now' }] }],
    toolConfig: { functionCallingConfig: { mode: 'VALIDATED' } },
  },
  'a tool loop': {
    contents: [
      { role: 'user', parts: [{ text: 'Weather?' }] },
      {
        role: 'model',
        parts: [
          { functionCall: { name: 'get_weather', args: { city: 'Oslo' } }, thoughtSignature: 'c2lnbmF0dXJl' },
          { functionCall: { id: 'fc_2', name: 'get_weather', args: { city: 'Rome' } } },
          { functionCall: { name: 'now' } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'get_weather', response: { output: 'sunny' } } },
          { functionResponse: { id: 'fc_2', name: 'get_weather', response: { temperature: 20, unit: 'C' } } },
          { functionResponse: { name: 'now', response: { error: 'no clock' }, parts: [] } },
          { text: 'Well?' },
        ],
      },
      { role: 'function', parts: [{ functionResponse: { name: 'now', response: { result: '12:00' } } }] },
      {
        role: 'user',
        parts: [
          {
            functionResponse: {
              name: 'draw',
              response: { output: '' },
              parts: [{ inlineData: { mimeType: 'image/png', data: pixel, displayName: 'a.png' } }],
              scheduling: 'SILENT',
            },
          },
        ],
      },
    ],
  },
  media: {
    contents: [
      {
        role: 'user',
        parts: [
          { inlineData: { mimeType: 'image/png', data: pixel } },
          { inlineData: { mimeType: 'audio/mpeg', data: 'AAAA' } },
          { inlineData: { mimeType: 'application/pdf', data: 'AAAA' } },
          {
            fileData: { mimeType: 'image/jpeg', fileUri: 'gs://bucket/a' },
            mediaResolution: { level: 'MEDIA_RESOLUTION_HIGH' },
          },
          { fileData: { fileUri: 'https://example.com/a.pdf' } },
          { fileData: { mimeType: 'video/mp4', fileUri: 'https://example.com/a' }, videoMetadata: { fps: 1 } },
        ],
      },
      {
        role: 'model',
        parts: [
          { executableCode: { language: 'PYTHON', code: 'print(1)' } },
          { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
        ],
      },
    ],
  },
}
