/**
 * The polyfill that `@peculiar/x509` wants first; import this before it. Bun's bundler runs a CommonJS module that is imported
 * for its effect only after all ES modules of the importer, so importing `reflect-metadata` there is too late once compiled.
 */
import "reflect-metadata";
