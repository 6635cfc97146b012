import Foundation
import Inference
import Tensors

/// Turns a parsed file into a graph: constants, inputs, nodes in topological order, outputs.
struct ModelImporter {
  /// The operator sets whose semantics the importers know.
  static let opsets = 7...21
  /// Later operator sets that only widen element types, or add operators, for what classifiers use.
  static let newestKnownOpset = 26

  private let proto: ModelProto
  private var graph: GraphProto
  let builder: GraphBuilder
  private var opsetOfDomain: [String: Int] = [:]
  private var warnings: [String] = []
  private var notes: [String] = []
  private var tables = ClassTables()

  init(_ proto: ModelProto, _ graph: GraphProto, _ decoder: TensorDecoder) {
    (self.proto, self.graph, builder) = (proto, graph, GraphBuilder(decoder))
  }

  /// Imports the whole model. Throws `ImportFailure` with a clause that follows "cannot use FILE: ".
  mutating func run() throws -> ImportedModel {
    try readOpsets()
    var inliner = FunctionInliner(proto.functions)
    graph.nodes = try inliner.inlined(graph.nodes)
    tables.takeOut(of: &graph)
    try checkOperators()
    try addConstants()
    let inputs = try addInputs()
    let order = try orderNodes()
    for index in order { try addNode(index) }
    let graph = Graph(
      name: self.graph.name, values: builder.values, nodes: builder.nodes, inputs: inputs, outputs: try outputs())
    return ImportedModel(graph: graph, metadata: metadata, warnings: warnings, notes: notes)
  }

  // MARK: Versions

  private mutating func readOpsets() throws {
    for (domain, version) in proto.opsets {
      guard let version = Int(exactly: version), (0...Int(Int32.max)).contains(version) else {
        throw ImportFailure("operator set version \(version) is out of range")
      }
      opsetOfDomain[domain == "ai.onnx" ? "" : domain] = version
    }
    guard let version = opsetOfDomain[""] else { throw ImportFailure("it names no ONNX operator set") }
    guard version >= Self.opsets.lowerBound, version <= Self.newestKnownOpset else {
      throw ImportFailure(
        "it uses ONNX operator set \(version); sets \(Self.opsets.lowerBound) to \(Self.opsets.upperBound) are supported (convert it with onnx.version_converter, or export it again with opset_version=17)"
      )
    }
    if version > Self.opsets.upperBound {
      warnings.append(
        "the model uses ONNX operator set \(version), newer than \(Self.opsets.upperBound): read as that one")
    }
  }

  // MARK: Operators

  private static let controlFlow: Set<String> = ["Loop", "Scan", "SequenceMap"]
  private static let conditional = "If"

  /// Throws one clause with all operators that have no importer, and how often each occurs. In branches they matter where they are taken.
  private func checkOperators() throws {
    var counts: [String: Int] = [:]
    for node in graph.nodes where ImporterTable.entries[node.key] == nil && node.key != Self.conditional {
      guard !node.opType.isEmpty else { throw ImportFailure("a node has no operator") }
      guard !node.domain.hasSuffix(".nchwc") else {
        throw ImportFailure(
          "onnxruntime saved it with its layout optimisation (operators of \(node.domain)), which only that program on that CPU reads: "
            + "use the original model, or save it with graph_optimization_level ORT_ENABLE_EXTENDED or lower")
      }
      counts[node.key + (Self.controlFlow.contains(node.opType) ? " (control flow)" : ""), default: 0] += 1
    }
    guard !counts.isEmpty else { return }
    let list = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) x \($0.key)" }
    throw ImportFailure("it uses operators that are not supported: \(list.joined(separator: ", "))")
  }

  // MARK: Values

  private func addConstants() throws { try addConstants(of: graph) }

  private func addConstants(of graph: GraphProto) throws {
    guard !graph.hasSparseInitializers else { throw ImportFailure("it has sparse constants, which are not supported") }
    for initializer in graph.initializers {
      guard !initializer.name.isEmpty else { throw ImportFailure("a constant has no name") }
      do {
        try builder.define(initializer.name, constant: try builder.decoder.tensor(initializer))
      } catch let failure as ImportFailure {
        throw ImportFailure("constant '\(initializer.name)' \(failure)")
      } catch let error as ModelError {
        throw ImportFailure("constant '\(initializer.name)': \(error)")
      }
    }
  }

  /// The inputs that are not constants: until ir_version 3, files list constants among the inputs too. Inputs that nothing reads are left
  /// out, as a mode that was exported with the network and is not used any more.
  private mutating func addInputs() throws -> [DeclaredInput] {
    let constants = Set(graph.initializers.map(\.name))
    let inputs = graph.inputs.filter { !constants.contains($0.name) }
    let read = inputs.filter { consumed.contains($0.name) }
    for input in inputs where !read.isEmpty && !consumed.contains(input.name) {
      notes.append("input '\(input.name)' is read by nothing and left out")
    }
    return try (read.isEmpty ? inputs : read).map { input in
      guard !input.name.isEmpty else { throw ImportFailure("an input has no name") }
      let value = try builder.define(input.name)
      guard let code = input.elementType else { throw ImportFailure("input '\(input.name)' is not a tensor") }
      do {
        let extents = try input.dimensions?.map(Self.extent)
        return DeclaredInput(value: value, element: try DataType(code: code).imported, extents: extents)
      } catch let failure as ImportFailure {
        throw ImportFailure("input '\(input.name)' \(failure)")
      }
    }
  }

  private static func extent(_ dimension: ValueInfoProto.Dimension) throws -> DeclaredExtent {
    switch dimension {
    case .value(let extent) where (1...Int64(Int32.max)).contains(extent): return .fixed(Int(extent))
    // Some exporters write 0 or -1 for "any".
    case .value(0), .value(-1), .unknown: return .dynamic(nil)
    case .value(let extent): throw ImportFailure("has the impossible extent \(extent)")
    case .parameter(let name): return .dynamic(name.isEmpty ? nil : name)
    }
  }

  private func outputs() throws -> [ValueID] {
    guard !graph.outputs.isEmpty else { throw ImportFailure("it has no outputs") }
    return try graph.outputs.map { output in
      guard let value = builder.value(named: output.name) else {
        throw ImportFailure("nothing computes its output '\(output.name)'")
      }
      return value
    }
  }

  // MARK: Nodes

  /// Defines what the nodes compute and sorts them.
  private func orderNodes() throws -> [Int] {
    var producer: [String: Int] = [:]
    for (index, node) in graph.nodes.enumerated() {
      for output in node.outputs where !output.isEmpty {
        do { try builder.define(output) } catch let failure as ImportFailure {
          throw ImportFailure("\(node.title(index)): \(failure)")
        }
        producer[output] = index
      }
    }
    let reads = try graph.nodes.enumerated().map { index, node in
      try node.readNames.compactMap { input in
        guard builder.value(named: input) != nil else {
          throw ImportFailure("\(node.title(index)) reads '\(input)', which nothing computes")
        }
        return producer[input]
      }
    }
    let order = topologicalOrder(reads: reads)
    guard order.count == graph.nodes.count else {
      let stuck = Set(order)
      let first = graph.nodes.indices.first { !stuck.contains($0) } ?? 0
      throw ImportFailure("its nodes form a cycle through \(graph.nodes[first].title(first))")
    }
    return order
  }

  private lazy var consumed: Set<String> = Set(graph.nodes.flatMap(\.readNames) + graph.outputs.map(\.name))

  private mutating func addNode(_ index: Int) throws {
    try addNode(graph.nodes[index], graph.nodes[index].title(index))
  }

  private mutating func addNode(_ node: NodeProto, _ title: String) throws {
    if node.key == Self.conditional { return try addConditional(node, title) }
    let inputs = node.inputs.map { $0.isEmpty ? nil : builder.value(named: $0) }
    guard let entry = ImporterTable.entries[node.key], let opset = opset(of: node) else {
      let outputs = node.outputs.map { builder.value(named: $0) }
      return builder.nodes.append(Node(name: title, op: Unsupported(node.key), inputs: inputs, outputs: outputs))
    }
    let context = ImportContext(node, opset: opset, inputs: inputs, builder)
    do {
      let outputs = try usableOutputs(of: node, limit: entry.outputs)
      switch try entry.make(context) {
      case .op(let op):
        builder.nodes.append(Node(name: title, op: op, inputs: context.inputs, outputs: outputs))
      case .constant(let tensor):
        if let output = outputs.first, let output { builder.setConstant(output, tensor) }
      }
    } catch let error as OperatorError {
      throw ImportFailure("\(title) \(error)")
    } catch let error as ModelError {
      throw ImportFailure("\(title): \(error)")
    }
    warnings += context.warnings.map { "\(title) (\(node.opType)) \($0)" }
    for attribute in context.unreadAttributes {
      notes.append("\(title): attribute '\(attribute)' is not read")
    }
  }

  /// The version of the node's operator set: its function's, else the file's.
  private func opset(of node: NodeProto) -> Int? {
    node.opsets?[node.domain] ?? opsetOfDomain[node.domain] ?? (node.domain.isEmpty ? nil : 1)
  }

  // MARK: Branches

  private mutating func addConditional(_ node: NodeProto, _ title: String) throws {
    func graph(_ name: String) throws -> GraphProto {
      for case let attribute in node.attributes where attribute.name == name {
        if case .graph(let graph) = attribute.value { return graph }
      }
      throw ImportFailure("\(title) lacks the branch '\(name)'")
    }
    guard let condition = node.inputs.first.flatMap({ builder.value(named: $0) }) else {
      throw ImportFailure("\(title) lacks its condition")
    }
    let whenTrue = try branch(graph("then_branch"), "\(title)/then")
    let whenFalse = try branch(graph("else_branch"), "\(title)/else")
    let captured = node.branches.flatMap(\.capturedNames).compactMap { builder.value(named: $0) }
    builder.nodes.append(
      Node(
        name: title, op: Conditional(whenTrue: whenTrue, whenFalse: whenFalse), inputs: [condition] + captured,
        outputs: node.outputs.map { $0.isEmpty ? nil : builder.value(named: $0) }))
  }

  /// A branch's nodes, whose own values get names that no other branch has.
  private mutating func branch(_ original: GraphProto, _ place: String) throws -> Conditional.Branch {
    let own = original.ownNames
    let graph = original.renamed { own.contains($0) ? "\(place)/\($0)" : $0 }
    let outer = builder.nodes
    builder.nodes = []
    defer { builder.nodes = outer }
    try addConstants(of: graph)
    for node in graph.nodes {
      for output in node.outputs where !output.isEmpty { try builder.define(output) }
    }
    for (index, node) in graph.nodes.enumerated() {
      guard node.readNames.allSatisfy({ builder.value(named: $0) != nil }) else {
        throw ImportFailure("\(place): \(node.title(index)) reads a value that nothing computes")
      }
      try addNode(node, "\(place)/\(node.title(index))")
    }
    let outputs = try graph.outputs.map { output in
      guard let value = builder.value(named: output.name) else {
        throw ImportFailure("\(place): nothing computes its output '\(output.name)'")
      }
      return value
    }
    return Conditional.Branch(nodes: builder.nodes, outputs: outputs)
  }

  /// The node's outputs; those beyond `limit` are dropped when nothing reads them.
  private mutating func usableOutputs(of node: NodeProto, limit: Int) throws -> [ValueID?] {
    for (number, output) in node.outputs.enumerated() where number >= limit && consumed.contains(output) && output != ""
    {
      throw OperatorError("has a use for output \(number + 1), '\(output)', which is not supported")
    }
    return node.outputs.prefix(limit).map { $0.isEmpty ? nil : builder.value(named: $0) }
  }

  /// The pairs of metadata_props, with the names of a table of classes where these name none.
  private var properties: [String: String] {
    var properties = Dictionary(proto.metadata.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    if properties["labels"] == nil, !tables.labels.isEmpty, let names = try? JSONEncoder().encode(tables.labels) {
      properties["labels"] = String(decoding: names, as: UTF8.self)
    }
    return properties
  }

  private var metadata: ModelMetadata {
    ModelMetadata(
      producer: proto.producerName, producerVersion: proto.producerVersion,
      irVersion: proto.irVersion.flatMap { Int(exactly: $0) }, opset: opsetOfDomain[""] ?? 0,
      properties: properties,
      documentation: graph.docString.isEmpty ? proto.docString : graph.docString)
  }
}

extension NodeProto {
  /// How the importer table names the operator: op_type, with the domain before it unless it is ONNX's own.
  var key: String { domain.isEmpty ? opType : "\(domain).\(opType)" }

  /// How errors name the node: its name, or its operator and position where it has none.
  func title(_ index: Int) -> String { name.isEmpty ? "\(opType)_\(index)" : name }
}
