import type { SluiceError } from '@sluice/protocol'

/** What somebody sees whom a sign-in brought nowhere. Nothing in it comes from elsewhere. */
export function signInPage({ message, code }: SluiceError, requestId: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Not signed in</title>
<body>
<h1>Not signed in</h1>
<p>${escape(message)}</p>
<p><a href="/api/admin/sign-in">Sign in again</a></p>
<p><small>${escape(code)}, request ${escape(requestId)}</small></p>
`
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
