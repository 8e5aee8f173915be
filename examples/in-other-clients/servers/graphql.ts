// The very file that graphql-ws loads: a bundler takes another one for `graphql`, and its schemas are foreign to this.
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql/index.js'
import { useServer } from 'graphql-ws/use/ws'
import { type Server, serve } from './server.ts'
import type { Topic } from './topic.ts'

/** `subscription { text }` of what is published, by the server of graphql-ws. */
export function graphqlServer(topic: Topic): Promise<Server> {
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: { text: { type: GraphQLString } } }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        text: {
          type: GraphQLString,
          resolve: (text: string) => text,
          subscribe: () => subscription(topic),
        },
      },
    }),
  })
  return serve(server => useServer({ schema }, server), { protocol: 'graphql-transport-ws' })
}

/** graphql-ws ends it by `return()`, which a generator that waits would only hear when it goes on. */
function subscription(topic: Topic): AsyncGenerator<string, void, undefined> {
  const abort = new AbortController()
  const texts = topic.iterate(abort.signal)
  const { return: end } = texts
  return Object.assign(texts, {
    return() {
      abort.abort()
      return end.call(texts, undefined)
    },
  })
}
