import { SluiceError } from '@sluice/protocol'
import type { Provider } from './provider.ts'

/**
 * Puts values in the place of `{placeholders}`: `https://api.example.com/accounts/{account}`.
 * @throws SluiceError `invalid_config` when one has no value, or a value could change more than its own place.
 */
export function fillBaseUrl(template: string, settings: Readonly<Record<string, string>>, preset: Provider): string {
  return template.replaceAll(/\{([^}]*)\}/g, (_, name: string) => {
    const value = Object.hasOwn(settings, name) ? settings[name] : undefined
    if (value === undefined || value === '') {
      const variables = preset.env?.settings?.[name]
      const way =
        variables === undefined ? `settings.${name}` : `${variables.join(' or ')}, or settings.${name} in the config`
      throw new SluiceError('invalid_config', `${preset.name} needs a value for {${name}} of its base URL: set ${way}.`)
    }
    if (!/^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(value) || value.includes('..')) {
      throw new SluiceError(
        'invalid_config',
        `${preset.name}: the value for {${name}} of the base URL may have letters, digits, ".", "_" and "-" only.`,
      )
    }
    return value
  })
}
