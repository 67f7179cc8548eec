/** Two projects: `unit` needs nothing but Node and is part of `npm run check`; `system` opens databases, servers, a browser. */
const shared = {
  testEnvironment: "node",
  // jose is published as ES modules only; Node requires it as it is, Jest has to have it compiled.
  transformIgnorePatterns: ["/node_modules/(?!jose/)"],
  transform: {
    "^.+\\.ts$|/node_modules/jose/.+\\.js$": [
      "@swc/jest",
      {
        jsc: {
          parser: { syntax: "typescript", decorators: true },
          transform: { legacyDecorator: true, useDefineForClassFields: false },
          target: "es2022",
          keepClassNames: true,
        },
        module: { type: "commonjs" },
      },
    ],
  },
};

/** What opens a database, a server, a process or a browser. */
const SYSTEM = [
  "<rootDir>/tests/spec/**/*.test.ts",
  "<rootDir>/tests/chassis/**/*.test.ts",
  "<rootDir>/tests/subgraphs/**/*.test.ts",
  "<rootDir>/tests/gateway/**/*.test.ts",
  "<rootDir>/tests/sdk/**/*.test.ts",
  "<rootDir>/tests/commands/**/*.test.ts",
  "<rootDir>/tests/ingest/*.test.ts",
  "<rootDir>/tests/readme.test.ts",
];

module.exports = {
  testTimeout: 60_000,
  maxWorkers: "100%",
  projects: [
    {
      ...shared,
      displayName: "unit",
      testMatch: ["<rootDir>/tests/**/*.test.ts"],
      testPathIgnorePatterns: SYSTEM.map((pattern) =>
        pattern.replace("/**/*.test.ts", "/").replace("/*.test.ts", "/[^/]+$"),
      ),
    },
    { ...shared, displayName: "system", testMatch: SYSTEM, globalSetup: "<rootDir>/tests/postgres-answers.js" },
  ],
};
