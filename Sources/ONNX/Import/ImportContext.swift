import Inference
import Tensors

/// What an importer sees of the node that it turns into an operator.
///
/// Importers read attributes (with defaults), check them, rewrite what older opsets wrote differently to the newest form, and
/// return the operator. They throw `OperatorError` with a clause such as "needs 2 or 3 inputs"; the node's name is added.
final class ImportContext {
  /// The node as the file has it.
  let node: NodeProto
  /// The version of the node's operator set.
  let opset: Int
  /// What the node will read; importers may change it, for instance to turn an attribute into an input.
  var inputs: [ValueID?]
  /// Sentences about the node for the user, without its name.
  private(set) var warnings: [String] = []
  private let builder: GraphBuilder
  private var unread: Set<String>

  init(_ node: NodeProto, opset: Int, inputs: [ValueID?], _ builder: GraphBuilder) {
    (self.node, self.opset, self.inputs, self.builder) = (node, opset, inputs, builder)
    unread = Set(node.attributes.map(\.name))
  }

  /// The attributes that no importer asked for.
  var unreadAttributes: [String] { unread.sorted() }

  /// The number of outputs that the node names, absent ones before the last included.
  var outputCount: Int { node.outputs.count }

  /// Tells the user what may not be as expected; the node's name is put before it.
  func warn(_ sentence: String) { warnings.append(sentence) }

  // MARK: Inputs

  /// True when the node has an input at `index` that is not left out.
  func hasInput(_ index: Int) -> Bool { inputs.indices.contains(index) && inputs[index] != nil }

  /// Throws unless the node has this many inputs and none of the first `range.lowerBound` is left out.
  func expectInputs(_ range: ClosedRange<Int>) throws {
    guard range.contains(inputs.count), inputs.prefix(range.lowerBound).allSatisfy({ $0 != nil }) else {
      let wanted = range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
      throw OperatorError("has \(inputs.count { $0 != nil }) inputs where \(wanted) are needed")
    }
  }

  /// The elements of an input that is a constant in the file; nil when it is absent or computed.
  func constant(_ index: Int) -> Tensor? {
    guard inputs.indices.contains(index), let id = inputs[index] else { return nil }
    return builder.values[id].constant
  }

  /// Makes the input at `index` this constant, adding absent inputs before it as needed.
  func setInput(_ index: Int, _ constant: Tensor) {
    while inputs.count <= index { inputs.append(nil) }
    inputs[index] = addConstant(constant)
  }

  /// A new constant of the graph, with a name of its own.
  func addConstant(_ tensor: Tensor) -> ValueID { builder.addAnonymous(near: node, constant: tensor) }

  /// Adds a node before this one, for an ONNX operator that is several of ours; returns its only output.
  func emit(_ op: any Operator, _ inputs: [ValueID?]) -> ValueID {
    let output = builder.addAnonymous(near: node, constant: nil)
    builder.nodes.append(Node(name: builder.values[output].name, op: op, inputs: inputs, outputs: [output]))
    return output
  }

  // MARK: Attributes

  /// An INT attribute; nil when absent. Throws for another type or a number beyond 32 bits, which no operator needs.
  func int(_ name: String) throws -> Int? {
    guard let value = value(name) else { return nil }
    guard case .int(let number) = value else { throw wrongType(name, "an integer") }
    return try checked(number, name)
  }

  /// An INT attribute, or `fallback` when absent.
  func int(_ name: String, default fallback: Int) throws -> Int { try int(name) ?? fallback }

  /// An INT attribute that means yes or no.
  func flag(_ name: String, default fallback: Bool = false) throws -> Bool {
    try int(name).map { $0 != 0 } ?? fallback
  }

  /// A FLOAT attribute; nil when absent.
  func float(_ name: String) throws -> Float? {
    guard let value = value(name) else { return nil }
    guard case .float(let number) = value else { throw wrongType(name, "a number") }
    return number
  }

  /// A FLOAT attribute, or `fallback` when absent.
  func float(_ name: String, default fallback: Float) throws -> Float { try float(name) ?? fallback }

  /// A STRING attribute; nil when absent.
  func string(_ name: String) throws -> String? {
    guard let value = value(name) else { return nil }
    guard case .string(let text) = value else { throw wrongType(name, "a string") }
    return text
  }

  /// A STRING attribute, or `fallback` when absent.
  func string(_ name: String, default fallback: String) throws -> String { try string(name) ?? fallback }

  /// An INTS attribute; nil when absent. Numbers beyond 32 bits are saturated to `Int32` bounds only for `saturating`.
  func ints(_ name: String, saturating: Bool = false) throws -> [Int]? {
    guard let value = value(name) else { return nil }
    switch value {
    case .ints(let numbers) where saturating: return numbers.map { Int(Int32(clamping: $0)) }
    case .ints(let numbers): return try numbers.map { try checked($0, name) }
    case .other, .float, .int, .string, .tensor, .floats, .strings, .graph: throw wrongType(name, "a list of integers")
    }
  }

  /// A FLOATS attribute; nil when absent.
  func floats(_ name: String) throws -> [Float]? {
    guard let value = value(name) else { return nil }
    guard case .floats(let numbers) = value else { throw wrongType(name, "a list of numbers") }
    return numbers
  }

  /// A TENSOR attribute; nil when absent.
  func tensor(_ name: String) throws -> Tensor? {
    guard let value = value(name) else { return nil }
    guard case .tensor(let proto) = value else { throw wrongType(name, "a tensor") }
    do { return try builder.decoder.tensor(proto) } catch let failure as ImportFailure {
      throw OperatorError("attribute '\(name)' \(failure)")
    }
  }

  /// An attribute that holds an element type (TensorProto.DataType), as the graph stores it: floats are float32.
  func elementType(_ name: String) throws -> ElementType? {
    guard let code = try int(name) else { return nil }
    do { return try DataType(code: Int64(code)).imported } catch let failure as ImportFailure {
      throw OperatorError("attribute '\(name)' \(failure)")
    }
  }

  /// The attribute's value whatever its type; nil when absent.
  func value(_ name: String) -> AttributeProto.Value? {
    unread.remove(name)
    return node.attributes.last { $0.name == name }?.value
  }

  private func checked(_ number: Int64, _ name: String) throws -> Int {
    guard Int32(exactly: number) != nil else { throw OperatorError("attribute '\(name)' is out of range: \(number)") }
    return Int(number)
  }

  private func wrongType(_ name: String, _ expected: String) -> OperatorError {
    OperatorError("attribute '\(name)' is not \(expected)")
  }
}
