import type { OptionRow } from './option-row.ts'
import { keptOptions } from './kept-options.ts'
import { cacheOptions } from './cache-options.ts'
import { corsOptions } from './cors-options.ts'
import { limitsOptions } from './limits-options.ts'
import { processOptions } from './process-options.ts'
import { promptOptions } from './prompt-options.ts'
import { routingOptions } from './routing-options.ts'
import { signInOptions } from './sign-in-options.ts'
/** What every option means, by its path in the schema. `npm run generate` fails when one is missing or too many. */
export const configurationOptions: Readonly<Record<string, OptionRow>> = {
  server: { type: 'group', default: '', meaning: 'How the gateway listens. The library does not read it.' },
  'server.host': {
    type: 'text',
    default: '127.0.0.1',
    meaning:
      'Address to listen on. Any but a loopback address needs `keys` (or `insecure`), because whoever reaches it spends your money.',
  },
  'server.port': { type: 'whole number', default: '8090', meaning: 'Port to listen on; `0` takes any free one.' },
  'server.keys': {
    type: 'list of texts',
    default: '[]',
    meaning: 'Callers must send one of these keys. Without any, every program on this machine may call.',
  },
  'server.admin_key': {
    type: 'text',
    default: '',
    meaning: 'A key that may do everything, by the [admin API](keys.md#the-admin-api) too. With it, callers need keys.',
  },
  'server.managed_keys': {
    type: 'true or false',
    default: 'false',
    meaning:
      'Callers need [managed keys](keys.md), also as long as there are none: the first start makes an admin key and prints it once.',
  },
  'server.key_pepper': {
    type: 'text of at least 32 characters',
    default: '',
    meaning:
      'What managed keys are hashed with; made once, in `data_dir`, where it is not given. All gateways that share a database need the same.',
  },
  'server.master_keys': {
    type: 'list of texts',
    default: '[]',
    meaning:
      'They encrypt the provider keys that [sites](keys.md#sites) bring, and have at least 32 characters each: the first encrypts, all decrypt.',
  },
  'server.trusted_proxies': {
    type: 'list of addresses and ranges',
    default: '[]',
    meaning:
      'Proxies whose `x-forwarded-for` is believed: `10.0.0.0/8`. It matters for keys that are limited to addresses, and for sign-in.',
  },
  'server.outbound': {
    type: 'group',
    default: '',
    meaning:
      'Where [addresses that sites name](keys.md#own-endpoints) may lead. Addresses in this file may lead anywhere.',
  },
  'server.outbound.allow': {
    type: 'list of hosts, addresses, ranges and origins',
    default: '[]',
    meaning:
      'Allowed besides public addresses: `models.internal`, `10.1.0.0/16`. For an origin, such as `http://models.internal:8000`, `http` and `ports` do not matter.',
  },
  'server.outbound.http': { type: 'true or false', default: 'false', meaning: 'Allow addresses without TLS.' },
  'server.outbound.ports': {
    type: 'list of integers',
    default: '[443]; with `http` 80 too',
    meaning: 'Allowed ports.',
  },
  ...processOptions,
  ...signInOptions,
  'server.insecure': { type: 'true or false', default: 'false', meaning: 'Listen beyond loopback without `keys`.' },
  'server.max_body_bytes': { type: 'whole number', default: '33554432', meaning: 'Largest request body, in bytes.' },
  'server.request_timeout': { type: 'seconds', default: '60', meaning: 'How long a request may take to arrive whole.' },
  'server.drain_timeout': {
    type: 'seconds',
    default: '30',
    meaning: 'How long open requests may take to finish when the gateway is stopped.',
  },
  'server.fast_path': {
    type: 'true or false',
    default: 'true',
    meaning:
      'Edit passing requests in place. `false`: each is parsed and written anew, with the same meaning, for comparison.',
  },
  'server.find_local_servers': {
    type: 'true or false',
    default: 'true',
    meaning: 'Use Ollama, llama.cpp, LM Studio and vLLM where they answer on their usual loopback ports at the start.',
  },
  'server.overrides': {
    type: 'true or false',
    default: 'true',
    meaning:
      'Callers may choose a route, a time limit and retries [for one request](routing.md#overrides-per-request). `false`: requests that try are refused.',
  },
  ...keptOptions,
  ...corsOptions,
  ...limitsOptions,
  ...cacheOptions,
  moderation: {
    type: 'group',
    default: '',
    meaning:
      'Who answers requests for moderation that name no model, or `omni-moderation-…` or `text-moderation-…`. Absent, those go to a provider that has such a model.',
  },
  'moderation.model': {
    type: 'text',
    default: '',
    meaning:
      'A model for moderation, or a chat model, which is asked for its judgement by a JSON schema; an answer that cannot be read is an error, never a pass. Chat models may then also be named in requests for moderation.',
  },
  'moderation.categories': {
    type: 'texts by name',
    default: "OpenAI's",
    meaning: 'What a chat model looks for: names of categories, and what falls into each.',
  },
  ...promptOptions,
  default_provider: {
    type: 'provider id',
    default: 'the only one configured',
    meaning: 'Serves model names that no alias, no prefix and no catalog claims.',
  },
  providers: {
    type: 'group by id',
    default: '{}',
    meaning:
      "The providers. An id that is a [preset](providers.md)'s needs nothing else (`groq: {}`); any other needs `type` or `base_url`.",
  },
  'providers.<id>.type': {
    type: 'preset id, or `openai_compatible`',
    default: 'the id',
    meaning: 'What it is. With `openai_compatible` and a known host in `base_url`, it is that known provider.',
  },
  'providers.<id>.name': { type: 'text', default: "the preset's, or told by the host", meaning: 'Display name.' },
  'providers.<id>.base_url': {
    type: 'text',
    default: "the preset's; OpenRouter's for `openai_compatible`",
    meaning: 'What stands before `/chat/completions`.',
  },
  'providers.<id>.api_key': {
    type: 'text',
    default: "the preset's variable",
    meaning: 'Key for the provider. Local servers and hosts of your own need none.',
  },
  'providers.<id>.api_keys': {
    type: 'list of texts',
    default: '',
    meaning:
      'Several keys of the same provider: calls are spread over them, and one that is refused, used up or at its limit rests while the others go on.',
  },
  'providers.<id>.headers': {
    type: 'texts by header name',
    default: "the preset's",
    meaning: 'Sent with every call, over those of the preset and of the key.',
  },
  'providers.<id>.timeout': {
    type: 'seconds',
    default: '30',
    meaning: "To the answer's head, and between two chunks of it; `0` means no limit.",
  },
  'providers.<id>.max_retries': {
    type: 'whole number',
    default: '3',
    meaning: 'How often a failed call is tried again.',
  },
  'providers.<id>.default_model': {
    type: 'text',
    default: "the preset's",
    meaning: 'Model used when a caller names none.',
  },
  'providers.<id>.enabled': {
    type: 'true or false',
    default: 'true',
    meaning: '`false` switches it off, also where its key is in the environment.',
  },
  'providers.<id>.models': {
    type: 'list of texts',
    default: "the preset's",
    meaning: 'Model ids listed when the provider cannot be asked. With `models_path: null` they are the whole list.',
  },
  'providers.<id>.auth': {
    type: '`bearer`, `none`, or `{ type: …, … }`: `header` with `name`, `prefix`; `query` with `name`; `aws_sigv4` with `service`; `google` with `scope`; `client_credentials` with `token_url`, `scope`',
    default: "the preset's",
    meaning: 'How the key travels, or what `credentials` are for.',
  },
  'providers.<id>.speaks': {
    type: 'list of dialects, or of `{ dialect, path, stream_path, models }`',
    default: "the preset's",
    meaning:
      "Wire APIs in order of preference; `path` where it is not the dialect's own (`{model}` stands for the model's name), `models` where only some can be reached.",
  },
  'providers.<id>.quirks': {
    type: 'list of [quirks](providers.md#quirks)',
    default: "the preset's",
    meaning: 'How what it takes differs from what its dialect says: `drop:seed`, `rename:seed=random_seed`.',
  },
  'providers.<id>.models_path': {
    type: 'path or `null`',
    default: '/models',
    meaning: 'Where the list of models is, below the base URL; `null` when there is none.',
  },
  'providers.<id>.health_path': {
    type: 'path',
    default: 'the list of models',
    meaning: 'A call that costs nothing and tells whether the key is good.',
  },
  'providers.<id>.model_prefix': {
    type: 'text',
    default: "the preset's",
    meaning: 'Cut from the start of listed ids.',
  },
  'providers.<id>.model_namespace': {
    type: 'text',
    default: "the preset's",
    meaning: 'Cut from the start of listed ids, and put back when sent.',
  },
  'providers.<id>.vendor_prefixed': {
    type: 'true or false',
    default: "the preset's",
    meaning: 'Its model names are `vendor/name`.',
  },
  'providers.<id>.owns': {
    type: 'list of patterns',
    default: "the preset's",
    meaning: "Names of models that are this provider's own, such as `gpt-*`.",
  },
  'providers.<id>.settings': {
    type: 'texts by name',
    default: "the preset's variables",
    meaning: "Values for the `{placeholders}` of the preset's base URL.",
  },
  'providers.<id>.credentials': {
    type: 'texts by name',
    default: "the preset's variables",
    meaning:
      'In place of a key, for a provider that signs calls or gives tokens: `access_key_id`, `secret_access_key`, `session_token` (AWS); `service_account` (Google: the JSON of a credentials file, or its path); `tenant_id`, `client_id`, `client_secret` (Microsoft Entra).',
  },
  'providers.<id>.config': {
    type: 'group',
    default: '',
    meaning:
      'The same options, nested: `{ type: openai_compatible, config: { provider: together, api_key: … } }`. `provider` is a preset id, or the display name beside a `base_url`.',
  },
  models: { type: 'list', default: '[]', meaning: 'Models that you name, describe or give aliases.' },
  'models[].id': { type: '`provider/model`', default: '', meaning: 'Required. The provider is one of `providers`.' },
  'models[].name': { type: 'text', default: 'the id', meaning: 'Display name.' },
  'models[].aliases': {
    type: 'list of texts',
    default: '[]',
    meaning: 'Other names; they are looked up before all else.',
  },
  'models[].context_window': { type: 'tokens', default: "the provider's word", meaning: 'How much it reads.' },
  'models[].max_output': { type: 'tokens', default: "the provider's word", meaning: 'How much it writes.' },
  'models[].capabilities': {
    type: 'list of texts',
    default: "the provider's word",
    meaning: '`chat`, `streaming`, `tools`, `vision`, `audio`, `json_schema`, `reasoning`, `embeddings`.',
  },
  'models[].price': {
    type: 'group',
    default: '[the table](models.md)',
    meaning:
      'What it costs, in USD per million tokens; `request` and `search` in USD for one. Replaces the whole price.',
  },
  'models[].price.input': { type: 'USD', default: '', meaning: 'Input.' },
  'models[].price.output': { type: 'USD', default: '', meaning: 'Output.' },
  'models[].price.cache_read': {
    type: 'USD',
    default: '',
    meaning: 'Input read from the prompt cache. Without it, as input.',
  },
  'models[].price.cache_write': {
    type: 'USD',
    default: '',
    meaning: 'Input written to the cache. Without it, as input.',
  },
  'models[].price.cache_write_long': {
    type: 'USD',
    default: '',
    meaning: 'Written to the long-lived (one hour) cache. Without it, as `cache_write`.',
  },
  'models[].price.audio_input': { type: 'USD', default: '', meaning: 'Audio read. Without it, as input.' },
  'models[].price.audio_output': { type: 'USD', default: '', meaning: 'Audio spoken. Without it, as output.' },
  'models[].price.image_input': { type: 'USD', default: '', meaning: 'Images read. Without it, as input.' },
  'models[].price.image_output': { type: 'USD', default: '', meaning: 'Images drawn. Without it, as output.' },
  'models[].price.characters': { type: 'USD', default: '', meaning: 'A million characters that are spoken.' },
  'models[].price.audio_minute': { type: 'USD', default: '', meaning: 'A minute of audio that is transcribed.' },
  'models[].price.reasoning': { type: 'USD', default: '', meaning: 'Reasoning. Without it, as output.' },
  'models[].price.request': { type: 'USD', default: '', meaning: 'For each request.' },
  'models[].price.search': { type: 'USD', default: '', meaning: 'For each search of the web.' },
  ...routingOptions,
  tiers: {
    type: 'model name, or a list of them, by tier',
    default: '[by provider](models.md)',
    meaning:
      'What `tier:fast`, `tier:balanced` and `tier:powerful` stand for; of a list, the first that is there. More may be named.',
  },
  tasks: {
    type: 'model name, or a list of them, by task',
    default: 'a tier each',
    meaning: 'What `task:simple`, `task:complex`, `task:code` and `task:research` stand for. More may be named.',
  },
  log_level: {
    type: '`trace`, `debug`, `info`, `warn`, `error` or `silent`',
    default: 'info',
    meaning: 'How much is logged.',
  },
  strict: {
    type: 'true or false',
    default: 'false',
    meaning:
      'Refuse a request with status 400 (`lossy_request`) where something in it would be left out or changed on its way to the provider. Off, that is only a warning.',
  },
  environment_providers: {
    type: 'true or false',
    default: 'true',
    meaning: 'Add the providers whose keys are in the environment to those of the file.',
  },
}
