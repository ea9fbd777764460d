/** What help shows below the options, by command. */
export const examples = {
  program: `
Examples:
  envctl up shop                     bring up environments/shop/profile.yaml
  envctl up -f docker-compose.yml    any Compose file is a profile
  envctl run shop -- npm test        up, test, down; the exit code is the test's
  eval "$(envctl env shop --format shell)"
  envctl down shop
  envctl completion bash             prints a completion script (zsh, fish, powershell too)`,
  up: `
Examples:
  envctl up shop
  envctl up shop db cache            only these and what they need
  envctl up shop --without app       you run the app yourself
  envctl up shop -i second           the same once more, beside it
  envctl up shop --set workers=4`,
  down: `
Examples:
  envctl down shop
  envctl down shop-1a2b3c            by the id that envctl ls shows; needs no file`,
  run: `
Examples:
  envctl run shop -- npm test
  envctl run -f docker-compose.yml -- pytest
The command's exit code is passed on; 125 when envctl itself failed before it.`,
  env: `
Examples:
  envctl env shop > .env
  eval "$(envctl env shop --format shell)"
  envctl env shop --format github >> "$GITHUB_ENV"`,
  exec: `
Examples:
  envctl exec shop db psql -U app
  envctl exec -T shop app -- python3 manage.py check`,
};
