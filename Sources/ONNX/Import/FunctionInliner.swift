/// Puts the nodes of the functions that a file defines in the place of the nodes that call them, as torch's newer exporter writes them.
struct FunctionInliner {
  private let functions: [String: FunctionProto]
  private var nodeCount = 0
  private var callCount = 0

  private static let deepest = 16
  private static let mostNodes = 1 << 20
  private static let mostCalls = 1 << 17

  init(_ functions: [FunctionProto]) {
    self.functions = Dictionary(functions.map { ($0.key, $0) }) { first, _ in first }
  }

  /// The nodes without calls. Throws `ImportFailure` for functions that call themselves.
  mutating func inlined(_ nodes: [NodeProto]) throws -> [NodeProto] {
    functions.isEmpty ? nodes : try inlined(nodes, depth: 0)
  }

  private mutating func inlined(_ nodes: [NodeProto], depth: Int) throws -> [NodeProto] {
    var result: [NodeProto] = []
    for var node in nodes {
      for index in node.attributes.indices {
        guard case .graph(var graph) = node.attributes[index].value else { continue }
        graph.nodes = try inlined(graph.nodes, depth: depth)
        node.attributes[index].value = .graph(graph)
      }
      // An operator that is known is computed as such, also where the file says how to make it of others.
      guard ImporterTable.entries[node.key] == nil, let function = functions[node.key] else {
        result.append(node)
        nodeCount += 1
        guard nodeCount <= Self.mostNodes else {
          throw ImportFailure("its functions make more than \(Self.mostNodes) nodes")
        }
        continue
      }
      guard depth < Self.deepest else {
        throw ImportFailure("its function '\(node.key)' is nested too deeply, or calls itself")
      }
      guard callCount < Self.mostCalls else {
        throw ImportFailure("its functions are called more than \(Self.mostCalls) times")
      }
      result += try inlined(body(of: function, calledBy: node), depth: depth + 1)
    }
    return result
  }

  /// The function's nodes with the call's values and attributes; what is inside gets names of its own.
  private mutating func body(of function: FunctionProto, calledBy call: NodeProto) -> [NodeProto] {
    callCount += 1
    let place = call.name.isEmpty ? "\(call.opType)_\(callCount)" : call.name
    var names: [String: String] = [:]
    for (index, name) in function.inputs.enumerated() {
      names[name] = index < call.inputs.count ? call.inputs[index] : ""
    }
    for (index, name) in function.outputs.enumerated() where index < call.outputs.count && !call.outputs[index].isEmpty
    {
      names[name] = call.outputs[index]
    }
    let given = Dictionary((function.defaults + call.attributes).map { ($0.name, $0) }) { $1 }
    let opsets = Dictionary(
      function.opsets.compactMap { entry in
        Int32(exactly: entry.version).map { (entry.domain == "ai.onnx" ? "" : entry.domain, Int($0)) }
      }
    ) { $1 }
    return function.nodes.map { original in
      var node = original.renamed { names[$0] ?? "\(place)/\($0)" }
      node.name = "\(place)/\(original.name.isEmpty ? original.opType : original.name)"
      node.attributes = Self.resolved(node.attributes, given)
      node.opsets = opsets
      return node
    }
  }

  /// Attributes that stand for the call's, with the call's values; those that it does not give are left out.
  private static func resolved(_ attributes: [AttributeProto], _ given: [String: AttributeProto]) -> [AttributeProto] {
    attributes.compactMap { attribute in
      if case .graph(var graph) = attribute.value {
        for index in graph.nodes.indices {
          graph.nodes[index].attributes = resolved(graph.nodes[index].attributes, given)
        }
        return AttributeProto(name: attribute.name, value: .graph(graph))
      }
      guard !attribute.reference.isEmpty else { return attribute }
      return given[attribute.reference].map { AttributeProto(name: attribute.name, value: $0.value) }
    }
  }
}
