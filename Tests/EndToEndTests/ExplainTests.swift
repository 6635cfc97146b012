import Foundation
import TestSupport
import Testing

private func explain(_ arguments: [String], in folder: URL? = nil) throws -> CommandResult {
  try fovea(["explain"] + arguments + ["--model", tinyModel, "--no-tune"], in: folder)
}

/// A grey picture of 320 x 160 with one coloured square of 20 pixels at this place: a network without biases sees nothing else.
private func makeSquare(x: Int, y: Int, in folder: URL) throws {
  try makeClip(
    [
      "-f", "lavfi", "-i", "color=0x808080:size=320x160:duration=1:rate=5", "-vf",
      "drawbox=x=\(x):y=\(y):w=20:h=20:color=0xff2000:t=fill", "-c:v", "ffv1", "-pix_fmt", "bgr0", "square.mkv",
    ], in: folder)
}

@Suite struct ExplainTests {
  @Test func methodsAreListed() throws {
    let result = try fovea(["methods"])
    #expect(result.status == 0)
    let lines = result.text.split(separator: "\n")
    #expect(lines.count == 22 && lines[0].contains("paper"))
    for name in ["grad-cam", "integrated-gradients", "lrp", "rise", "occlusion", "deconvnet", "fullgrad"] {
      #expect(lines.contains { $0.hasPrefix(name + " ") }, "\(name)")
    }
  }

  @Test func aSheetHoldsAllMethodsAndTargets() throws {
    try TestData.withTemporaryFolder { folder in
      try makeSquare(x: 200, y: 60, in: folder)
      let result = try explain(
        [
          "square.mkv", "-o", "sheet.png", "--maps", "maps.npz", "--method", "all", "--masks", "20", "--patch", "16",
          "--samples", "4", "-t", "top,second minus first",
        ], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("integrated-gradients: the map sums to"), "\(result.errors)")
      let (width, height) = (
        Int(try stream(folder.appendingPathComponent("sheet.png"), "width")) ?? 0,
        Int(try stream(folder.appendingPathComponent("sheet.png"), "height")) ?? 0
      )
      #expect(width > 1000 && height > 1500, "\(width)x\(height)")
      let listing = try run("unzip", ["-l", "maps.npz"], in: folder).text
      for name in ["top.grad-cam.npy", "top.rise.npy", "second_minus_first.lrp.npy"] {
        #expect(listing.contains(name), "\(name) in \(listing)")
      }
    }
  }

  @Test func rawMapsAloneAndVideos() throws {
    try TestData.withTemporaryFolder { folder in
      let raw = try explain(["synthetic:size=80x60,frames=3", "-o", "m.npz", "--method", "hirescam"], in: folder)
      #expect(raw.status == 0, "\(raw.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["m.npz"])
      let video = try explain(
        ["synthetic:size=80x60,frames=5", "-o", "v.mp4", "--method", "grad-cam,eigen-cam"], in: folder)
      #expect(video.status == 0, "\(video.errors)")
      #expect(try frames(folder.appendingPathComponent("v.mp4"), "pts").count == 5)
    }
  }

  @Test func mapsAreMeasured() throws {
    let result = try explain(
      ["synthetic:size=80x60,frames=1", "--evaluate", "--method", "gradient,cam", "--box", "40x40+10+10"])
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.text.split(separator: "\n")
    #expect(
      lines[0].contains("deletion") && lines[1].hasPrefix("gradient") && lines[2].hasPrefix("cam"), "\(result.text)")
    #expect(lines[1].contains("inside") || lines[1].contains("outside"))
  }

  /// The hottest place of a picture with one thing in it is that thing, wherever it is, and in every fit.
  @Test(arguments: [("crop", 100, 40), ("crop", 190, 110), ("pad", 280, 20), ("squash", 20, 120)])
  func heatLiesOnTheObject(fit: String, x: Int, y: Int) throws {
    try TestData.withTemporaryFolder { folder in
      try makeSquare(x: x, y: y, in: folder)
      let result = try annotate(
        [
          "square.mkv", "out.mkv", "--codec", "ffv1", "--saliency", "eigen-cam", "--saliency-layer", "relu1", "--fit",
          fit,
          "--json", "out.jsonl", "--top", "0", "--peak", "--contour", "0.5", "--no-tune",
        ], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let line = try String(contentsOf: folder.appendingPathComponent("out.jsonl"), encoding: .utf8).split(
        separator: "\n")[0]
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let saliency = try #require(object["saliency"] as? [String: Any])
      #expect(saliency["method"] as? String == "eigen-cam" && saliency["layer"] as? String == "relu1")
      let peak = try #require(saliency["peak"] as? [Double])
      let box = try #require(saliency["box"] as? [Double])
      // A cell of relu1 is up to ten pixels wide.
      #expect((Double(x) - 10...Double(x) + 30).contains(peak[0]), "\(peak) for \(x), \(y)")
      #expect((Double(y) - 10...Double(y) + 30).contains(peak[1]), "\(peak) for \(x), \(y)")
      #expect(box[0] <= peak[0] && peak[0] <= box[0] + box[2] && box[1] <= peak[1] && peak[1] <= box[1] + box[3])
      #expect(try frames(folder.appendingPathComponent("out.mkv"), "pts").count == 5)
    }
  }

  @Test(arguments: [
    (["x.png", "--method", "grad-camm"], "did you mean 'grad-cam'?"),
    (["x.png", "-t", "amberr"], "did you mean 'amber'?"),
    (["x.png", "-t", "17"], "classes 0 to 9"),
    (["x.png", "--layer", "features"], "without positions"),
    (["x.png", "--layer", "relu9"], "did you mean 'relu"),
    (["x.png", "--box", "1x1+0+0"], "--evaluate"),
    (["x.png", "--evaluate", "--box", "1x1"], "width, height, left and top"),
    (["x.png", "--patch", "100", "--method", "occlusion"], "at most 64"),
    (["x.png", "-t", "channel:relu1:0", "--method", "cam"], "class scores only"),
  ]) func impossibleExplanationsAreRefused(words: [String], expected: String) throws {
    try TestData.withTemporaryFolder { folder in
      try makeClip(
        ["-f", "lavfi", "-i", "color=red:size=64x64:duration=1:rate=1", "-frames:v", "1", "x.png"], in: folder)
      expectRefusal(try explain(words + ["-o", "out.png"], in: folder), status: 2, saying: [expected])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["x.png"])
    }
  }

  @Test(arguments: [
    (["--opacity", "0.5"], "goes with --saliency"), (["--saliency", "gradcam"], "did you mean 'grad-cam'?"),
    (["--saliency", "grad-cam", "-t", "top,second"], "one target"),
  ]) func wrongSaliencyOptionsAreRefused(words: [String], expected: String) throws {
    try TestData.withTemporaryFolder { folder in
      expectRefusal(
        try annotate([testPattern, "out.mp4"] + words, in: folder), status: 2, saying: [expected])
    }
  }
}
