import Foundation
import TestSupport
import Testing

@testable import Tensors

private let fixtures = TestData.root.appendingPathComponent("Tests/Fixtures/Tensors").path
private let ramp = (0..<24).map { Float($0) * 0.5 - 3 }

@Suite struct NpyTests {
  @Test func readsWhatNumPyWrote() throws {
    let tensor = try Npy.read("\(fixtures)/ramp_f4.npy")
    #expect(tensor.type == .float32)
    #expect(tensor.shape == [2, 3, 4])
    #expect(values(tensor) == ramp)
    let wide = try Npy.read("\(fixtures)/ramp_big_endian_f8.npy")
    #expect(values(wide) == ramp.map(Double.init))
  }

  @Test func writesTheBytesThatNumPyWrites() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("ramp.npy").path
      try Npy.write(Tensor(ramp, [2, 3, 4]), to: path)
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == contents("ramp_f4.npy"))
    }
  }

  @Test(arguments: ElementType.allCases.filter { $0 != .bfloat16 }, [Shape([]), [7], [2, 0], [3, 1, 5]])
  func everyTypeAndShapeSurvives(_ type: ElementType, _ shape: Shape) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("a.npy").path
      let tensor = Tensor(type, shape)
      for i in 0..<tensor.byteCount { tensor.storage.bytes[i] = type == .bool ? UInt8(i & 1) : UInt8(i * 37 & 255) }
      try Npy.write(tensor, to: path)
      let back = try Npy.read(path)
      #expect(back.type == type && back.shape == shape)
      #expect(back.storage.bytes.prefix(back.byteCount).elementsEqual(tensor.storage.bytes.prefix(tensor.byteCount)))
    }
  }

  @Test func headerIsAMultipleOf64() throws {
    for shape in [Shape([]), [1], [123456789, 3, 4], Shape([Int](repeating: 10, count: 40))] {
      #expect(try NpyHeader(.float32, shape).encoded().count % 64 == 0)
    }
  }

  @Test(arguments: [
    "", "{", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False, 'shape': (3,}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-3,)}", "{'descr': '<c8', 'fortran_order': False, 'shape': ()}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': ()} x", "{'descr': '|O', 'fortran_order': False, 'shape': ()}",
    "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}",
  ])
  func otherHeadersAreRefused(_ text: String) {
    #expect(NpyHeader.parse(Array(text.utf8)) == nil)
  }

  @Test func headersOfOtherWritersAreUnderstood() {
    let text = "{\"shape\":(2L,3L),\t\"fortran_order\":False , \"descr\":\"<i2\"}\n"
    #expect(NpyHeader.parse(Array(text.utf8))?.header == NpyHeader(.int16, [2, 3]))
  }

  @Test func badFilesAreRefusedInASentence() throws {
    #expect(throws: NpyError.self) { try Npy.read("\(fixtures)/fortran.npy") }
    #expect(throws: NpyError("cannot open /nowhere/x.npy: no such file or directory; check the name")) {
      try Npy.read("/nowhere/x.npy")
    }
    #expect(throws: NpyError("\(fixtures) is not a file; name an .npy or .npz file")) { try Npy.read(fixtures) }
    #expect(throws: NpyError.self) { try Npy.write(Tensor(.bfloat16, [1]), to: "/dev/null") }
  }

  @Test func everyTruncationIsRefused() throws {
    let whole = try contents("ramp_f4.npy")
    try TestData.withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("cut.npy")
      for length in 0..<whole.count {
        try whole.prefix(length).write(to: url)
        #expect(throws: NpyError.self) { try Npy.read(url.path) }
      }
    }
  }

  @Test func aClaimOfTooMuchIsRefusedBeforeAllocation() throws {
    try TestData.withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("huge.npy")
      for shape in [Shape([1 << 40]), [1 << 40, 1 << 40]] {
        try Data(NpyHeader(.float32, shape).encoded()).write(to: url)
        #expect(throws: NpyError.self) { try Npy.read(url.path) }
      }
    }
  }
}

func contents(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: "\(fixtures)/\(name)")) }

/// The elements, copied while the tensor lives.
func values<T>(_ tensor: Tensor) -> [T] { withExtendedLifetime(tensor) { Array(tensor.view.elements(as: T.self)) } }

func append(_ row: Tensor, to rows: NpzRows) throws { try withExtendedLifetime(row) { try rows.append(row.view) } }
