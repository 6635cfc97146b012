import Foundation
import TestSupport
import Testing

@testable import Tensors

private let fixtures = TestData.root.appendingPathComponent("Tests/Fixtures/Tensors").path
private let ramp = (0..<24).map { Float($0) * 0.5 - 3 }

@Suite struct NpzTests {
  @Test func readsWhatNumPyWrote() throws {
    let archive = try NpzReader("\(fixtures)/several.npz")
    #expect(archive.names == ["ramp", "ids", "flag", "none"])
    #expect(try values(archive.tensor("ramp")) as [Float] == ramp)
    #expect(try values(archive.tensor("ids")) as [Int64] == [1, -2, 3])
    #expect(try archive.tensor("flag").type == .bool)
    #expect(try archive.tensor("none").shape == [0, 5])
    #expect(throws: NpyError.self) { try archive.tensor("ramps") }
  }

  @Test func compressedArchivesAreRefusedInASentence() {
    #expect(throws: NpyError.self) { try NpzReader("\(fixtures)/compressed.npz") }
  }

  @Test(arguments: [UInt64(0xffff_ffff), 1000, 0])
  func growingArraysSurvive(zip64From: UInt64) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("a.npz").path
      try write(path, zip64From: zip64From)
      let archive = try NpzReader(path)
      #expect(Set(archive.names) == ["whole", "layer", "p√ts"])
      #expect(try values(archive.tensor("whole")) as [Float] == ramp)
      #expect(try archive.tensor("layer").shape == [5, 2, 3])
      #expect(try values(archive.tensor("layer")) as [Float] == (0..<30).map(Float.init))
      #expect(try values(archive.tensor("p√ts")) as [Int64] == [0, 100, 200, 300, 400])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.npz"])
    }
  }

  /// Python and its zipfile module are an independent judge; where there is no Python the reader above has to do.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/python3")), arguments: [UInt64(0xffff_ffff), 0])
  func zipfileFindsNoFault(zip64From: UInt64) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("a.npz").path
      try write(path, zip64From: zip64From)
      let python = Process()
      python.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
      python.arguments = [
        "-c", "import sys, zipfile; sys.exit(zipfile.ZipFile(sys.argv[1]).testzip() is not None)", path,
      ]
      try python.run()
      python.waitUntilExit()
      #expect(python.terminationStatus == 0)
    }
  }

  @Test func twoArraysOfOneNameAreRefused() throws {
    try TestData.withTemporaryFolder { folder in
      let writer = try NpzWriter(folder.appendingPathComponent("a.npz").path)
      try writer.add("x", Tensor(ramp, [24]))
      #expect(throws: NpyError.self) { try writer.add("x", Tensor(ramp, [24])) }
      #expect(throws: NpyError.self) { try writer.rows("x", .float32, [2]) }
    }
  }

  @Test func aFullDiskIsASentence() throws {
    let writer = try NpzWriter("/dev/full")
    #expect(
      throws: NpyError(
        "cannot write /dev/full: no space left on device; make room on that disk or name another place")
    ) { try writer.add("x", Tensor(ramp, [24])) }
  }

  /// Cut anywhere or with any byte changed: an error or the right numbers, never a crash or wrong numbers.
  @Test func damageNeverCrashesNorLies() throws {
    let whole = try contents("several.npz")
    try TestData.withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("bad.npz")
      for i in whole.indices {
        var changed = whole
        changed[i] ^= 0xff
        try changed.write(to: url)
        if let tensor = try? NpzReader(url.path).tensor("ramp") { #expect(values(tensor) == ramp) }
        try whole.prefix(i).write(to: url)
        #expect(throws: NpyError.self) { try NpzReader(url.path) }
      }
    }
  }

  private func write(_ path: String, zip64From: UInt64) throws {
    let writer = try NpzWriter(path, zip64From: zip64From)
    try writer.add("whole", Tensor(ramp, [2, 3, 4]))
    let layer = try writer.rows("layer", .float32, [2, 3])
    let pts = try writer.rows("p√ts", .int64, [])
    for frame in 0..<5 {
      try append(Tensor((0..<6).map { Float(6 * frame + $0) }, [2, 3]), to: layer)
      try append(Tensor([100 * frame], []), to: pts)
    }
    try writer.finish()
  }
}
