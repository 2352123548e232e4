// The library's dependency container wants this in place before it is loaded.
import 'reflect-metadata';

export * from '@peculiar/x509';
