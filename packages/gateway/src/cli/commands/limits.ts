import { Command } from 'commander'
import { readCount } from '../read-amount.ts'
import { type RuleKind, ruleCommands } from '../rule-commands.ts'
import type { Setting } from '../setting-options.ts'
import type { Terminal } from '../terminal.ts'

const kind: RuleKind = {
  object: 'limit',
  path: '/limits',
  id: /^(?:lim_\w+|config-\d+)$/,
  settings: [
    limit('requests_per_minute', 'how many requests in a minute'),
    limit('requests_per_hour', 'in an hour'),
    limit('requests_per_day', 'in a day'),
    limit('tokens_per_minute', 'how many tokens in a minute'),
    limit('tokens_per_hour', 'in an hour'),
    limit('tokens_per_day', 'in a day'),
    limit('input_tokens_per_minute', 'how many tokens of input in a minute'),
    limit('output_tokens_per_minute', 'how many tokens of output in a minute'),
    limit('concurrent_requests', 'how many requests at once'),
  ],
  describe(rule) {
    const given = kind.settings.filter(({ member }) => typeof rule[member] === 'number')
    return given.map(({ member }) => `${String(rule[member])} ${member.replaceAll('_', ' ')}`).join('; ')
  },
}

function limit(member: string, description: string): Setting {
  return { member, flags: `--${member.replaceAll('_', '-')} <number>`, description, read: readCount }
}

/** `sluice limits create|list|show|update|delete` */
export function limitsCommand(terminal: Terminal): Command {
  const command = new Command('limits').description('Manage what callers may ask for in a time.')
  for (const one of ruleCommands(kind, terminal)) command.addCommand(one)
  return command
}
