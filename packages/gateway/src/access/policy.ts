import { type Operation, type Peek, SluiceError } from '@sluice/protocol'
import { type Exchange, factsOf, fitsPatterns, forbiddenBy, type Route, type Target } from 'sluice'
import type { Policy, Principal } from '../pipeline/principal.ts'
import { permissions } from './roles.ts'

/** Whether a name fits patterns of which those without a slash look at what stands after the name's last one. */
export function fitsModel(patterns: readonly string[], provider: string, model: string): boolean {
  const [long, short] = [
    patterns.filter((pattern) => pattern.includes('/')),
    patterns.filter((pattern) => !pattern.includes('/')),
  ]
  const bare = model.slice(model.lastIndexOf('/') + 1)
  const forms = [
    [bare, short],
    [model, long],
    [`${provider}/${model}`, long],
  ] as const
  if (forms.some(([name, list]) => isExcluded(name, list))) return false
  return forms.some(([name, list]) => fitsPatterns(name, list))
}

/** By an exclusion alone, whatever else is in the list. */
function isExcluded(name: string, patterns: readonly string[]): boolean {
  const excluded = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1))
  return fitsPatterns(name, excluded)
}

/** Of a name that says neither a provider nor a path: of a route or an alias, whose targets are the operator's choice. */
function fitsName(patterns: readonly string[], name: string | undefined): boolean {
  if (name === undefined) return false
  return /[/:]/.test(name)
    ? patterns.some((pattern) => pattern.toLowerCase() === name.toLowerCase())
    : fitsPatterns(
        name,
        patterns.filter((pattern) => !pattern.includes('/')),
      )
}

export function mayUseProvider(policy: Policy | undefined, provider: string): boolean {
  return policy?.providers === undefined || fitsPatterns(provider, policy.providers)
}

/** @param name that the request goes by; absent where it names several. */
export function mayUseModel(policy: Policy | undefined, provider: string, model: string, name?: string): boolean {
  const { models } = policy ?? {}
  if (models === undefined || fitsModel(models, provider, model)) return true
  // A route that is allowed leads where it leads, but never to what was taken out.
  return fitsName(models, name) && !fitsModel(excludedOf(models), provider, model)
}

function excludedOf(models: readonly string[]): readonly string[] {
  return models.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1))
}

/** Limits where a request may go to. @param name that it goes by. */
export function restrict(exchange: Exchange, policy: Policy, name: string | undefined): void {
  if (policy.models === undefined && policy.providers === undefined) return
  const several = exchange.peek.choosesRoute === true
  exchange.forbids = ({ provider, model }: Target) => {
    if (!mayUseProvider(policy, provider.id)) return providerForbidden(provider.id)
    if (!mayUseModel(policy, provider.id, model, several ? undefined : name)) return modelForbidden(name ?? model)
    // What such a provider is told of others, it goes on to by itself.
    const others = several && provider.preset.choosesRoute === true ? factsOf(exchange).params['models'] : undefined
    if (!Array.isArray(others)) return undefined
    const other = others.map(String).find((one) => !mayUseModel(policy, provider.id, one))
    return other === undefined ? undefined : modelForbidden(other)
  }
}

/** Before anything is done for a request. @throws SluiceError when all that its route leads to is forbidden. */
export function checkRoute(exchange: Exchange, route: Route): void {
  const reason = forbiddenBy(exchange, route)
  if (reason !== undefined) throw reason
}

/** The name that a request of this caller goes by, where it says none. */
export function usualRoute({ defaultRoute }: Principal, peek: Peek): string | undefined {
  return peek.choosesRoute === true ? undefined : defaultRoute
}

/** @throws SluiceError `operation_not_allowed` */
export function checkOperation({ managed, policy }: Principal, operation: Operation | 'raw'): void {
  const allowed = policy?.operations
  if (allowed === undefined ? operation !== 'raw' || managed !== true : allowed.includes(operation)) return
  throw new SluiceError(
    'operation_not_allowed',
    operation === 'raw'
      ? 'This key may not use the raw proxy, which shows all that the provider keeps for this gateway. Who manages the keys can allow the operation "raw".'
      : `This key may not be used for the operation "${operation}". Who manages the keys can allow it.`,
  )
}

/** @throws SluiceError `provider_not_allowed` */
export function checkProvider({ policy }: Principal, provider: string): void {
  if (!mayUseProvider(policy, provider)) throw providerForbidden(provider)
}

/** For what only providers of the gateway are asked. @throws SluiceError `operation_not_allowed` */
export function checkGatewayProviders({ workspace }: Principal): void {
  if (workspace?.settings === undefined) return
  throw new SluiceError(
    'operation_not_allowed',
    'This key is of a site with providers of its own, which this would go past. Use the API of this gateway instead: its own batches, and its own paths.',
  )
}

/** For requests of which nobody here sees which models they ask for. @throws SluiceError `model_not_allowed` */
export function checkUnseenModels(principal: Principal): void {
  checkGatewayProviders(principal)
  const { policy } = principal
  if (policy?.models === undefined) return
  throw new SluiceError(
    'model_not_allowed',
    'This key is limited to certain models, and nobody can see here which ones this would ask for. Use the API of this gateway instead: its own batches, and its own paths.',
  )
}

/** For what tells of all callers together. @throws SluiceError `permission_denied` */
export function checkOverview({ managed, role, organisation }: Principal): void {
  if (managed !== true || (role !== undefined && organisation === undefined && permissions[role].has('gateway:read')))
    return
  throw new SluiceError(
    'permission_denied',
    'This tells of all callers together: it takes a key with the role operator, admin or owner that belongs to no organisation.',
  )
}

function providerForbidden(provider: string): SluiceError {
  return new SluiceError(
    'provider_not_allowed',
    `This key may not use the provider "${provider}", where the request would go. Ask for another model, or have the provider allowed.`,
  )
}

function modelForbidden(name: string): SluiceError {
  return new SluiceError(
    'model_not_allowed',
    `This key may not use the model "${printable(name)}". GET /v1/models lists those that it may use.`,
    { param: 'model' },
  )
}

function printable(text: string): string {
  return text.slice(0, 100).replaceAll(/[^\x20-\x7e]/g, '?')
}
