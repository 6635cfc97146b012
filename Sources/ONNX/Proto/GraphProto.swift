/// GraphProto: nodes, constants, inputs and outputs.
struct GraphProto {
  var name = ""
  var docString = ""
  var nodes: [NodeProto] = []
  var initializers: [TensorProto] = []
  var hasSparseInitializers = false
  var inputs: [ValueInfoProto] = []
  var outputs: [ValueInfoProto] = []

  init() {}

  init(_ reader: WireReader) throws {
    var reader = reader
    while let field = try reader.next() {
      switch field.number {
      case 1: nodes.append(try NodeProto(field.message(reader)))
      case 2: name = try field.string(reader)
      case 5: initializers.append(try TensorProto(field.message(reader)))
      case 10: docString = try field.string(reader)
      case 11: inputs.append(try ValueInfoProto(field.message(reader)))
      case 12: outputs.append(try ValueInfoProto(field.message(reader)))
      case 15: hasSparseInitializers = true
      default: break
      }
    }
  }
}

/// NodeProto: one use of an operator. An empty input or output name means that it is absent.
struct NodeProto {
  var inputs: [String] = []
  var outputs: [String] = []
  var name = ""
  var opType = ""
  var domain = ""
  var attributes: [AttributeProto] = []
  /// The operator sets of the function that the node comes from; nil: those of the file.
  var opsets: [String: Int]?

  init(_ reader: WireReader) throws {
    var reader = reader
    while let field = try reader.next() {
      switch field.number {
      case 1: inputs.append(try field.string(reader))
      case 2: outputs.append(try field.string(reader))
      case 3: name = try field.string(reader)
      case 4: opType = try field.string(reader)
      case 5: attributes.append(try AttributeProto(field.message(reader)))
      case 7: domain = try field.string(reader)
      default: break
      }
    }
    if domain == "ai.onnx" { domain = "" }
  }
}

/// ValueInfoProto: the name and type of a network input or output.
struct ValueInfoProto {
  var name = ""
  /// TensorProto.DataType; nil when the value is not a tensor or has no type.
  var elementType: Int64?
  /// nil when the file gives no shape.
  var dimensions: [Dimension]?

  /// An extent: a number, a symbol, or neither.
  enum Dimension {
    case value(Int64)
    case parameter(String)
    case unknown
  }

  init(_ reader: WireReader) throws {
    var reader = reader
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try field.string(reader)
      case 2: try readType(field.message(reader))
      default: break
      }
    }
  }

  private mutating func readType(_ reader: WireReader) throws {
    var reader = reader
    while let field = try reader.next() {
      guard field.number == 1 else { continue }
      var tensor = try field.message(reader)
      while let field = try tensor.next() {
        if field.number == 1 { elementType = try field.integer() }
        if field.number == 2 { dimensions = try Self.shape(field.message(tensor)) }
      }
    }
  }

  private static func shape(_ reader: WireReader) throws -> [Dimension] {
    var (reader, dimensions) = (reader, [Dimension]())
    while let field = try reader.next() {
      guard field.number == 1 else { continue }
      var (extent, dimension) = (try field.message(reader), Dimension.unknown)
      while let field = try extent.next() {
        if field.number == 1 { dimension = .value(try field.integer()) }
        if field.number == 2 { dimension = .parameter(try field.string(extent)) }
      }
      dimensions.append(dimension)
    }
    return dimensions
  }
}
