// Written by `npm run generate` from the files of this folder.
import type { Provider } from '../provider-kit/provider.ts'
import { anyscale } from './anyscale.ts'
import { cerebras } from './cerebras.ts'
import { cloudflareWorkersAi } from './cloudflare-workers-ai.ts'
import { cohere } from './cohere.ts'
import { dashscope } from './dashscope.ts'
import { deepinfra } from './deepinfra.ts'
import { deepseek } from './deepseek.ts'
import { demo } from './demo.ts'
import { fireworks } from './fireworks.ts'
import { gemini } from './gemini.ts'
import { githubModels } from './github-models.ts'
import { groq } from './groq.ts'
import { huggingFace } from './hugging-face.ts'
import { hyperbolic } from './hyperbolic.ts'
import { llamaCpp } from './llama-cpp.ts'
import { lmStudio } from './lm-studio.ts'
import { minimax } from './minimax.ts'
import { mistral } from './mistral.ts'
import { moonshot } from './moonshot.ts'
import { nebius } from './nebius.ts'
import { novita } from './novita.ts'
import { nvidiaNim } from './nvidia-nim.ts'
import { ollama } from './ollama.ts'
import { openai } from './openai.ts'
import { openaiCompatible } from './openai-compatible.ts'
import { openrouter } from './openrouter.ts'
import { perplexity } from './perplexity.ts'
import { sambanova } from './sambanova.ts'
import { together } from './together.ts'
import { vllm } from './vllm.ts'
import { xai } from './xai.ts'
import { zai } from './zai.ts'

/** Every provider that Sluice knows, by id. */
export const providers: readonly Provider[] = [
  anyscale,
  cerebras,
  cloudflareWorkersAi,
  cohere,
  dashscope,
  deepinfra,
  deepseek,
  demo,
  fireworks,
  gemini,
  githubModels,
  groq,
  huggingFace,
  hyperbolic,
  llamaCpp,
  lmStudio,
  minimax,
  mistral,
  moonshot,
  nebius,
  novita,
  nvidiaNim,
  ollama,
  openai,
  openaiCompatible,
  openrouter,
  perplexity,
  sambanova,
  together,
  vllm,
  xai,
  zai,
]
