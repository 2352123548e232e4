// The library's dependency container requires this to be loaded first.
import 'reflect-metadata';

export * from '@peculiar/x509';
