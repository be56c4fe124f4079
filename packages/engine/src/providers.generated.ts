// Written by `npm run generate` from the files in providers/.
import type { Provider } from './provider-kit/provider.ts'
import { anthropic } from './providers/anthropic.ts'
import { anyscale } from './providers/anyscale.ts'
import { azureOpenai } from './providers/azure-openai.ts'
import { bedrock } from './providers/bedrock.ts'
import { bedrockMantle } from './providers/bedrock-mantle.ts'
import { cerebras } from './providers/cerebras.ts'
import { cloudflareWorkersAi } from './providers/cloudflare-workers-ai.ts'
import { cohere } from './providers/cohere.ts'
import { dashscope } from './providers/dashscope.ts'
import { deepinfra } from './providers/deepinfra.ts'
import { deepseek } from './providers/deepseek.ts'
import { demo } from './providers/demo.ts'
import { fireworks } from './providers/fireworks.ts'
import { gemini } from './providers/gemini.ts'
import { githubModels } from './providers/github-models.ts'
import { groq } from './providers/groq.ts'
import { huggingFace } from './providers/hugging-face.ts'
import { hyperbolic } from './providers/hyperbolic.ts'
import { llamaCpp } from './providers/llama-cpp.ts'
import { lmStudio } from './providers/lm-studio.ts'
import { minimax } from './providers/minimax.ts'
import { mistral } from './providers/mistral.ts'
import { moonshot } from './providers/moonshot.ts'
import { nebius } from './providers/nebius.ts'
import { novita } from './providers/novita.ts'
import { nvidiaNim } from './providers/nvidia-nim.ts'
import { ollama } from './providers/ollama.ts'
import { openai } from './providers/openai.ts'
import { openaiCompatible } from './providers/openai-compatible.ts'
import { openrouter } from './providers/openrouter.ts'
import { perplexity } from './providers/perplexity.ts'
import { sambanova } from './providers/sambanova.ts'
import { together } from './providers/together.ts'
import { vertex } from './providers/vertex.ts'
import { vllm } from './providers/vllm.ts'
import { xai } from './providers/xai.ts'
import { zai } from './providers/zai.ts'

/** Every provider that Sluice knows, by id. */
export const providers: readonly Provider[] = [
  anthropic,
  anyscale,
  azureOpenai,
  bedrock,
  bedrockMantle,
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
  vertex,
  vllm,
  xai,
  zai,
]
