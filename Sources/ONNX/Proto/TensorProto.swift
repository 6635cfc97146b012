/// TensorProto: a constant. The elements stay in the file where they are raw.
struct TensorProto {
  var name = ""
  var dimensions: [Int64] = []
  /// TensorProto.DataType.
  var dataType: Int64 = 0
  var rawData: Range<Int>?
  var floatData: [Float] = []
  var doubleData: [Double] = []
  /// The elements of int32_data, int64_data or uint64_data.
  var integerData: [Int64] = []
  var isExternal = false
  var externalData: [(key: String, value: String)] = []
  var isSegment = false
  /// Where `rawData` points into.
  let source: ByteSource

  init(_ reader: WireReader) throws {
    var reader = reader
    source = reader.source
    while let field = try reader.next() {
      switch field.number {
      case 1: try field.append(to: &dimensions, reader)
      case 2: dataType = try field.integer()
      case 3: isSegment = true
      case 4: try field.append(to: &floatData, reader)
      case 5, 7, 11: try field.append(to: &integerData, reader)
      case 8: name = try field.string(reader)
      case 9: rawData = try field.range()
      case 10: try field.append(to: &doubleData, reader)
      case 13: externalData.append(try readEntry(field.message(reader)))
      case 14: isExternal = try field.integer() == 1
      default: break
      }
    }
  }
}
