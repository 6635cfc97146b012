/// AttributeProto: a named parameter of a node.
struct AttributeProto {
  /// The value. Kinds that no operator here takes are told by their name.
  enum Value {
    case float(Float)
    case int(Int64)
    case string(String)
    case tensor(TensorProto)
    case floats([Float])
    case ints([Int64])
    case strings([String])
    case graph(GraphProto)
    case other(String)
  }

  var name = ""
  /// In a function's node: the attribute of the call that gives the value.
  var reference = ""
  var value: Value

  init(_ reader: WireReader) throws {
    var (reader, fields) = (reader, Fields())
    while let field = try reader.next() {
      if field.number == 1 {
        name = try field.string(reader)
      } else {
        try fields.read(field, reader)
      }
    }
    (value, reference) = (fields.value, fields.reference)
  }

  init(name: String, value: Value) { (self.name, self.value) = (name, value) }

  /// All the value fields of the message; `type` tells which one counts.
  private struct Fields {
    var type: Int64 = 0
    var (float, int, string) = (Float(0), Int64(0), "")
    var tensor: TensorProto?
    var graph: GraphProto?
    var reference = ""
    var (floats, ints, strings) = ([Float](), [Int64](), [String]())
    /// The field of the last value seen, for files that leave out `type`.
    var lastField = 0

    mutating func read(_ field: WireField, _ reader: WireReader) throws {
      switch field.number {
      case 20: type = try field.integer()
      case 2: float = try field.float()
      case 3: int = try field.integer()
      case 4: string = try field.string(reader)
      case 5: tensor = try TensorProto(field.message(reader))
      case 6: graph = try GraphProto(field.message(reader))
      case 21: reference = try field.string(reader)
      case 7: try field.append(to: &floats, reader)
      case 8: try field.append(to: &ints, reader)
      case 9: strings.append(try field.string(reader))
      default: break
      }
      if ![20, 13, 21].contains(field.number) { lastField = field.number }
    }

    var value: Value {
      // AttributeType: FLOAT 1, INT 2, STRING 3, TENSOR 4, GRAPH 5, FLOATS 6, INTS 7, STRINGS 8; fields 2, 3, 4, 5, 6, 7, 8, 9.
      let kind = type != 0 ? type : Int64(lastField) - 1
      switch kind {
      case 1: return .float(float)
      case 2: return .int(int)
      case 3: return .string(string)
      case 4: return tensor.map(Value.tensor) ?? .other("an absent tensor")
      case 5: return graph.map(Value.graph) ?? .other("an absent graph")
      case 6: return .floats(floats)
      case 7: return .ints(ints)
      case 8: return .strings(strings)
      default: return .other("a value of kind \(kind)")
      }
    }
  }
}
