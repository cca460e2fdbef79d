// Command tokenids prints the token ids of texts, for bench/tokenizer_fuzz.py to
// compare with Hugging Face's.
//
//	tokenids <tokenizer.json> <max tokens> < texts.jsonl > ids.jsonl
//
// It reads a JSON string a line and writes {"ids": […], "tokens": n} a line.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/innerspace/innerspace/core/embed/tokenize"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tokenids:", err)
		os.Exit(1)
	}
}

func run(arguments []string, input io.Reader, output io.Writer) error {
	if len(arguments) != 2 {
		return errors.New("usage: tokenids <tokenizer.json> <max tokens>")
	}
	file, err := os.ReadFile(arguments[0])
	if err != nil {
		return err
	}
	maxTokens, err := strconv.Atoi(arguments[1])
	if err != nil {
		return err
	}
	tokenizer, err := tokenize.Load(file, maxTokens)
	if err != nil {
		return err
	}
	texts := json.NewDecoder(bufio.NewReader(input))
	buffered := bufio.NewWriter(output)
	lines := json.NewEncoder(buffered)
	for {
		var text string
		if err := texts.Decode(&text); err == io.EOF {
			return buffered.Flush()
		} else if err != nil {
			return err
		}
		encoding := tokenizer.Encode(text)
		if err := lines.Encode(struct {
			IDs    []int64 `json:"ids"`
			Tokens int     `json:"tokens"`
		}{encoding.IDs, encoding.Tokens}); err != nil {
			return err
		}
	}
}
