import type { OptionRow } from './option-row.ts'

/** What the options of prompt templates mean. */
export const promptOptions: Readonly<Record<string, OptionRow>> = {
  prompts: {
    type: 'group by `name` or `name@version`',
    default: '{}',
    meaning:
      '[Prompt templates](prompts.md), which requests name in place of a model: `prompt:NAME`, `prompt:NAME@VERSION`. Without a version it is 1; the highest is meant where none is named.',
  },
  'prompts.<id>.description': { type: 'text', default: '', meaning: 'For people; shown where prompts are listed.' },
  'prompts.<id>.model': {
    type: "a model's name",
    default: 'as for a request without a model',
    meaning: 'Who is asked: any name that resolves, a route or a tier too.',
  },
  'prompts.<id>.system': { type: 'text', default: '', meaning: 'What stands first, as a system message. Mustache.' },
  'prompts.<id>.messages': {
    type: 'list of `role` and `content`',
    default: '[]',
    meaning: 'Between `system` and `user`: examples, or a whole conversation. Mustache.',
  },
  'prompts.<id>.messages[].role': {
    type: '`system`, `developer`, `user` or `assistant`',
    default: '',
    meaning: 'Who says it.',
  },
  'prompts.<id>.messages[].content': { type: 'text', default: '', meaning: 'What is said. Mustache.' },
  'prompts.<id>.user': { type: 'text', default: '', meaning: 'What stands last, as a message of the user. Mustache.' },
  'prompts.<id>.variables': {
    type: 'types by name',
    default: '{}',
    meaning:
      'The variables of its texts, each a type (`string`, `number`, `integer`, `boolean`, `array`, `object`) or a group of `type`, `description`, `optional`, `default` and `values`. What is missing or unknown is an error that names it.',
  },
  'prompts.<id>.temperature': { type: 'number', default: "the model's", meaning: 'Unless the request says another.' },
  'prompts.<id>.max_tokens': {
    type: 'whole number',
    default: "the model's",
    meaning: 'Unless the request says another.',
  },
  'prompts.<id>.response_schema': {
    type: 'JSON Schema',
    default: '',
    meaning: 'The form of the answer, unless the request says another.',
  },
  prompts_dir: {
    type: 'text',
    default: '',
    meaning:
      'A folder of [prompt files](prompts.md#files), relative to the config file. The library, which reads no files, does not take it.',
  },
}
