/**
 * Runs in Node before the page tests.
 */
export default function setup(): void {}
