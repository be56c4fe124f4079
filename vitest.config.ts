import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['sluice-source'] },
  ssr: { resolve: { conditions: ['sluice-source'], externalConditions: ['sluice-source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'tests/**/*.test.ts', 'tools/**/*.test.ts'],
    testTimeout: 20_000,
    // What is waited for comes at once on an idle machine; a busy one gets the time it needs.
    expect: { poll: { timeout: 10_000 } },
    // PostgreSQL and Redis, started when a test first asks for them.
    globalSetup: 'tests/servers/vitest-setup.ts',
  },
})
